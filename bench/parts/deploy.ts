import type { Part } from "../part.ts";

const SECONDS = 5;

export const deploy: Part = {
  name: "deploy",
  measures: "messages over HTTP with what a host puts around a server",
  takes: "1 min",
  async run(report) {
    const { measureDeploy } = await import("../deploy.ts");
    const figures = await measureDeploy(SECONDS);
    for (const { what, messages, cpuMs } of figures) {
      report.rate(what, messages);
      report.figure("… CPU of the server, each", cpuMs, "ms of CPU");
    }
    report.keep(figures);
  },
};

import type { Part } from "../part.ts";

export const presence: Part = {
  name: "presence",
  measures: "what it costs when one of two twins comes, goes or types, for 200 pairs over sockets",
  takes: "1 min",
  async run(report) {
    const { measurePresence, PRESENCE_PAIRS } = await import("../presence.ts");
    const figures = await measurePresence(PRESENCE_PAIRS, report.progress);
    report.keep(figures);
    for (const { what, serverCpuMs, databaseCpuMs, toldBytes } of figures) {
      report.figure(`one ${what}: server`, serverCpuMs, "ms of CPU");
      report.figure("… PostgreSQL", databaseCpuMs, "ms of CPU");
      report.figure("… told to both", toldBytes, "bytes");
    }
  },
};

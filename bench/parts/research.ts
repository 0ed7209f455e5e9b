import type { Part } from "../part.ts";

export const research: Part = {
  name: "research",
  measures: "telemetry, intake of an assessment, a release of 500 pairs",
  takes: "1 min",
  async run(report) {
    const { measureResearch } = await import("../research.ts");
    const figures = await measureResearch();
    report.times("an event of telemetry", figures.single);
    report.times("1,000 events of telemetry", figures.batch);
    report.times("the same 1,000 again", figures.again);
    report.times("intake of a completed assessment", figures.intake);
    report.figure(`a release of ${figures.pairs} pairs, with all its files`, figures.release, "ms");
    report.keep(figures);
  },
};

import { below } from "../asked.ts";
import { median } from "../figures.ts";
import type { Part } from "../part.ts";

export const start: Part = {
  name: "start",
  measures: "from nothing to /ready, on an empty folder and on one that was used",
  takes: "20 s",
  async run(report) {
    const { measureStart } = await import("../start.ts");
    const { first, later } = await measureStart();
    report.figure("embedded start to /ready, the first time", first, "ms", below(4000));
    report.figure(`embedded start to /ready, later (median of ${later.length})`, median(later), "ms", below(2000));
  },
};

import { atMost } from "../asked.ts";
import type { Part } from "../part.ts";

const NODES = 2;
const PAIRS = 100;
const CUTS = 4;

export const stormStarved: Part = {
  name: "storm-starved",
  measures: "200 sockets on two nodes that come back four times, while the nodes run for a tenth of the time",
  takes: "2 min",
  isOnlyIfNamed: true,
  async run(report) {
    const { measureStorm } = await import("../storm.ts");
    const blows = Array.from({ length: CUTS }, () => "cut" as const);
    const storms = await measureStorm({ nodes: NODES, pairs: PAIRS, isStarved: true }, blows, report.progress);
    for (const { lost, back, retried, turnedAway } of storms) {
      report.times(`${lost} sockets cut: back`, back);
      report.figure("… asked for again", retried, "");
      report.figure("… sockets turned away for want of a way to their node", turnedAway, "", atMost(0));
    }
    report.keep(storms);
  },
};

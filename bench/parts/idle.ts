import { atMost, below } from "../asked.ts";
import type { Part } from "../part.ts";

/** Two connections of 24 KiB, and a room of 24 beside them. */
const PAIR_KIB = 3 * 24;

export const idle: Part = {
  name: "idle",
  measures: "memory and CPU of 10,000 connections in 5,000 rooms in which nothing is said",
  takes: "5 min",
  async run(report) {
    const { IDLE, measureIdle } = await import("../idle.ts");
    const figures = await measureIdle(IDLE, report.progress);
    report.all(figures, {
      connectionHeapKib: atMost(24),
      roomHeapKib: atMost(24),
      pairRssKib: atMost(PAIR_KIB),
      idleCpuPercentOfCore: below(2),
    });
    report.cost("nodeKiBAConnection", figures.connectionRssKib);
    report.cost("nodeKiBARoom", figures.roomRssKib);
    report.cost("nodeCpuUsAnIdleConnection", ((figures.idleCpuPercentOfCore / 100) * 1e6) / figures.idleConnections);
  },
};

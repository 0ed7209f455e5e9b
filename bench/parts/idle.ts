import { atMost, below } from "../asked.ts";
import type { Part } from "../part.ts";

export const idle: Part = {
  name: "idle",
  measures: "memory and CPU of 10,000 connections in 5,000 rooms in which nothing is said",
  takes: "5 min",
  async run(report) {
    const { IDLE, measureIdle } = await import("../idle.ts");
    const figures = await measureIdle(IDLE, report.progress);
    report.all(figures, {
      allInRssKib: atMost(24),
      roomRssKib: atMost(24),
      idleCpuPercentOfCore: below(2),
    });
    report.cost("nodeKiBAConnection", figures.connectionRssKib);
    report.cost("nodeKiBARoom", figures.roomRssKib);
    report.cost("nodeCpuUsAnIdleConnection", ((figures.idleCpuPercentOfCore / 100) * 1e6) / figures.idleConnections);
  },
};

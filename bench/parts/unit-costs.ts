import type { Part } from "../part.ts";

export const unitCosts: Part = {
  name: "unit-costs",
  measures: "what joins and sends ask Redis, and what a message weighs in WAL and on disk",
  takes: "2 min",
  async run(report) {
    const { measureUnitCosts, USUAL } = await import("../unit-costs.ts");
    const costs = await measureUnitCosts(USUAL, report.progress);
    report.all(costs);
    report.cost("redisCommandsAJoin", costs.redisCommandsAJoin);
    report.cost("redisCommandsASend", costs.redisCommandsASend);
    report.cost("redisCpuUsACommand", costs.redisCommandUs);
    report.cost("redisBytesARoom", costs.redisRoomBytes);
    report.cost("walBytesASend", costs.sendWalBytes);
    report.cost("diskBytesAMessage", costs.messageDiskBytes);
    report.cost("postgresCpuMsAGatheredSend", costs.gatheredSendPostgresCpuMs);
  },
};

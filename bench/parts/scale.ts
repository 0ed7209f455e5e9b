import type { Part } from "../part.ts";
import type { ScaleFigures } from "../scale.ts";

const NODES = 3;
const ROOMS = [100, 10_000];

export const scale: Part = {
  name: "scale",
  measures: "what a send costs with 100 rooms alive and with 10,000, on one node and on three",
  takes: "6 min",
  async run(report) {
    const { measureScale } = await import("../scale.ts");
    const measured: ScaleFigures[] = [];
    for (const nodes of [1, NODES]) measured.push(...(await measureScale(nodes, ROOMS, report.progress)));
    for (const { nodes, rooms, answers, sendsPerSecond, nodeCpuMs, postgresCpuMs, idleCpu } of measured) {
      const at = sendsPerSecond.toFixed(0);
      report.times(`${rooms} rooms alive on ${nodes} node(s), an acknowledgement at ${at} /s`, answers);
      report.figure("… CPU a send, nodes", nodeCpuMs, "ms of CPU");
      report.figure("… CPU a send, PostgreSQL", postgresCpuMs, "ms of CPU");
      report.figure("… all nodes while nobody speaks", idleCpu, "% of a core");
    }
    report.keep(measured);
    const most = (nodes: number) => measured.findLast((one) => one.nodes === nodes);
    const [alone, several] = [most(1), most(NODES)];
    if (!alone || !several) return;
    report.cost("nodeCpuMsASend", alone.nodeCpuMs);
    report.cost("postgresCpuMsASend", alone.postgresCpuMs);
    report.cost("nodeCpuUsAnIdleConnection", ((alone.idleCpu / 100) * 1e6) / alone.rooms);
    // Of three nodes, two are not where the room is.
    const passed = (several.nodeCpuMs - alone.nodeCpuMs) / ((NODES - 1) / NODES);
    report.cost("nodeCpuMsAPassedSend", Math.max(0, passed));
  },
};

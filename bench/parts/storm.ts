import { atMost } from "../asked.ts";
import type { Part } from "../part.ts";
import type { StormFigures } from "../storm.ts";

const NODES = 3;
const PAIRS = 1000;

export const storm: Part = {
  name: "storm",
  measures: "2,000 sockets on three nodes that all come back at once, and nine bystanders who talk",
  takes: "2 min",
  async run(report) {
    const { measureStorm } = await import("../storm.ts");
    const storms = await measureStorm({ nodes: NODES, pairs: PAIRS }, ["cut", "killed"], report.progress);
    for (const { blow, lost, back, retried, turnedAway, quiet, during, cpu, seconds } of storms) {
      report.times(`${lost} of ${2 * PAIRS} sockets ${blow}, ${NODES} nodes: back`, back, { p99: atMost(10_000) });
      report.figure("… seats asked for again", retried, "");
      report.figure("… sockets turned away for want of a way to their node", turnedAway, "");
      report.times("… a bystander's acknowledgement, quiet", quiet.answers);
      const bound = quiet.answers.p99 === null ? {} : { p99: atMost(3 * quiet.answers.p99) };
      report.times("… a bystander's acknowledgement, meanwhile", during.answers, bound);
      if (during.cut > 0) report.figure("… bystanders whose line went with the node, among these", during.cut, "");
      for (const part of ["nodes", "postgres", "balancer", "load"] as const)
        report.figure(`… CPU a socket, over ${seconds.toFixed(1)} s: ${part}`, (cpu[part] / lost) * 1000, "ms of CPU");
    }
    report.keep(storms);
    report.chart(backOverTime(storms));
    const cut = storms.find(({ blow }) => blow === "cut");
    if (!cut) return;
    report.cost("nodeCpuMsAJoin", (cut.cpu.nodes / cut.lost) * 1000);
    report.cost("postgresCpuMsAJoin", (cut.cpu.postgres / cut.lost) * 1000);
  },
};

const SAID = { cut: "all lines cut at once", killed: "one node of three killed" };

const backOverTime = (storms: readonly StormFigures[]) => ({
  kind: "lines" as const,
  name: "storm",
  title: "Everybody at once: phones back and up to date",
  description: `${2 * PAIRS} sockets on ${NODES} nodes; each phone counts once it has all it missed. Asked for: 99 % within 10 s.`,
  x: { label: "since the blow", unit: "s" },
  y: { label: "back", unit: "%" },
  series: storms.map(({ blow, backAfterMs }) => ({ label: SAID[blow], points: curveOf(backAfterMs) })),
});

/** From nobody at the start to everybody. */
const curveOf = (backAfterMs: readonly number[]): [number, number][] => [
  [0, 0],
  ...backAfterMs.map((ms, n): [number, number] => [ms / 1000, ((n + 1) / backAfterMs.length) * 100]),
];

import { atMost } from "../asked.ts";
import type { ChartSpec } from "../charts/spec.ts";
import { type Measured, powerFit } from "../fit.ts";
import type { Costs } from "../growth.ts";
import type { Part } from "../part.ts";
import type { Report } from "../report.ts";

/** All of them together grow with one power more than each: above 0.1, growth is worse than linear. */
const MOST = 0.1;

const EACH: readonly (readonly [of: keyof Costs, what: string, unit: string])[] = [
  ["sendNodeCpuMs", "a send, node", "ms of CPU"],
  ["sendPostgresCpuMs", "a send, PostgreSQL", "ms of CPU"],
  ["joinNodeCpuMs", "a join, node", "ms of CPU"],
  ["joinPostgresCpuMs", "a join, PostgreSQL", "ms of CPU"],
  ["idleConnectionUs", "an idle connection, node", "µs of CPU a second"],
];

export const growth: Part = {
  name: "growth",
  measures: "what one send and one join cost at 1, 10 and 100 times the pairs, connections and messages",
  takes: "8 min",
  async run(report) {
    const { measureGrowth, USUAL } = await import("../growth.ts");
    const figures = await measureGrowth(USUAL, report.progress);
    report.keep(figures);
    tell(report, "pairs, rooms and connections", figures.rooms);
    tell(report, "messages in each history", figures.messages.map(withoutIdling));
    report.chart(chartOf("growth-rooms", "rooms alive, with a connection each", figures.rooms));
    report.chart(chartOf("growth-messages", "messages in each pair's history", figures.messages));
  },
};

/** There are as many connections however much was said. */
const withoutIdling = (costs: Costs): Costs => ({ ...costs, idleConnectionUs: 0 });

/** What one costs at each size, and with what power of the size that grows. */
export function tell(report: Report, grown: string, measured: readonly Costs[]): void {
  for (const [of, what, unit] of EACH) {
    const points = measured.map((costs): Measured => [costs.size, costs[of]]);
    const fit = powerFit(points);
    if (!fit) continue;
    for (const [size, cost] of points) report.figure(`${size} ${grown}: ${what}`, cost, unit);
    const error = fit.standardError === null ? "" : ` (± ${fit.standardError.toFixed(2)})`;
    report.figure(`… exponent of each${error}; all together grow with one more`, fit.exponent, "", atMost(MOST));
  }
}

const chartOf = (name: string, grown: string, measured: readonly Costs[]): ChartSpec => ({
  kind: "lines",
  name,
  title: `CPU of one send and of one join, over ${grown}`,
  description: "One node and its PostgreSQL, twenty pairs talking at the same pace; flat is as it should be.",
  x: { label: grown, unit: "", isLog: true },
  y: { label: "CPU each", unit: "ms" },
  series: EACH.filter(([of]) => of !== "idleConnectionUs").map(([of, label]) => ({
    label,
    points: measured.map((costs): [number, number] => [costs.size, costs[of]]),
  })),
});

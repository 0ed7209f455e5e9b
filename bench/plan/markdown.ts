import { numberText } from "../asked.ts";
import type { ChartSpec } from "../charts/spec.ts";
import { type Assumptions, wordsOf } from "./assumptions.ts";
import {
  demandOf,
  type Resource,
  type ResourceName,
  resourcesOf,
  type Stage,
  serversFor,
  stagesOf,
  stepPast,
} from "./carrying.ts";
import { COST_NAMES, COSTS } from "./costs.ts";
import type { UnitCosts } from "./unit-costs.ts";

export const STAGES = [10_000, 100_000, 1_000_000, 10_000_000];

const FROM = "<!-- plan: written by npm run plan, not by hand -->";
const TO = "<!-- /plan -->";

/** The capacity plan, computed from what things cost and how they are taken to be used. */
export function planText(known: UnitCosts, assumed: Assumptions): string {
  const resources = resourcesOf(known, assumed);
  const stages = stagesOf(resources, STAGES);
  return [
    "How it is taken to be used, which nobody has measured:",
    table(["", "assumed"], wordsOf(assumed)),
    carriedHead(assumed),
    carriedTable(resources),
    "What gives first on the way to so many pairs, from what was enough for the stage before, and the step past it on engines there are:",
    stagesTable(stages, resources, assumed),
    neededTable(resources, assumed),
    "![How many servers of each kind are needed from ten thousand to ten million pairs](charts/capacity-plan.svg)",
    gatheredNote(known),
    "What it is computed from ([unit-costs.json](unit-costs.json)):",
    costsTable(known),
  ].join("\n\n");
}

function carriedHead({ machines }: Assumptions): string {
  const { nodeCores, nodeMiB, postgresCores, walMBPerSecond, diskTB, postgresConnections, redisCores, redisGiB } =
    machines;
  const node = `a node is a process on ${nodeCores} core with ${numberText(nodeMiB)} MiB`;
  const postgres = `a PostgreSQL has ${postgresCores} cores, disks that take ${walMBPerSecond} MB/s of WAL and hold ${diskTB} TB, and ${postgresConnections} connections`;
  return `What one server of each kind carries: ${node}; ${postgres}; a Redis has ${redisCores} core and ${redisGiB} GiB.`;
}

function carriedTable(resources: readonly Resource[]): string {
  const rows = resources.map(({ name, unit, each, has, carries }) => [
    name,
    `${numberText(each * 1000)} ${unit}`.trim(),
    `${numberText(has)} ${unit}`.trim(),
    `${rounded(carries)} pairs`,
  ]);
  return table(["", "1,000 pairs take", "of, without the headroom", "so one carries"], rows);
}

function stagesTable(stages: readonly Stage[], resources: readonly Resource[], assumed: Assumptions): string {
  const rows = stages.map(({ pairs, first, exceeded }) => {
    if (!first) return [pairsText(pairs), `nothing: the next is ${nextOf(resources, pairs)}`, "none", "nothing"];
    const others = exceeded.filter(({ name }) => name !== first.name);
    const then = others.map(
      (one) => `${one.name} (from ${rounded(one.carries)} pairs): ${stepPast(one, pairs, assumed)}`,
    );
    return [pairsText(pairs), first.name, stepPast(first, pairs, assumed), then.join("; ") || "nothing"];
  });
  return table(["pairs", "gives first", "the step past it", "besides"], rows);
}

function nextOf(resources: readonly Resource[], pairs: number): string {
  const [next] = resources.filter(({ carries }) => carries >= pairs).toSorted((a, b) => a.carries - b.carries);
  return next ? `${next.name}, at ${rounded(next.carries)} pairs` : "far away";
}

function neededTable(resources: readonly Resource[], assumed: Assumptions): string {
  const amount = (name: ResourceName, pairs: number) => {
    const resource = resources.find((one) => one.name === name);
    return resource ? `${numberText(resource.each * pairs)} ${resource.unit}` : "";
  };
  const rows = STAGES.map((pairs) => {
    const { sendsPerSecond, joinsPerSecond, connections } = demandOf(pairs, assumed);
    const nodes = resources.filter(({ server }) => server === "node").map((one) => serversFor(one, pairs));
    return [
      ...[pairsText(pairs), numberText(sendsPerSecond), numberText(joinsPerSecond), rounded(connections)],
      ...[String(Math.max(...nodes)), amount("PostgreSQL CPU", pairs), amount("PostgreSQL WAL", pairs)],
      ...[amount("PostgreSQL disk", pairs), amount("Redis CPU", pairs)],
    ];
  });
  const head = ["pairs", "sends/s", "joins/s", "connections", "nodes", "PostgreSQL CPU", "WAL", "disk", "Redis CPU"];
  return `What is used in the busiest minute, and kept on disk; only the nodes are counted with their headroom:\n\n${table(head, rows)}`;
}

function gatheredNote(known: UnitCosts): string {
  const { postgresCpuMsASend: few, postgresCpuMsAGatheredSend: many } = known;
  const times = numberText(few.value / many.value);
  return `PostgreSQL is planned with what a send costs while few are written at once (${numberText(few.value)} ms of CPU). When nodes have more to write than a flush takes, their messages share commits, down to ${numberText(many.value)} ms: ${times} times less. What is planned is thus the most that sending takes. Not in the plan: what many nodes say to each other while nothing happens, and reading history and searching, which a replica takes over.`;
}

function costsTable(known: UnitCosts): string {
  const rows = COST_NAMES.map((name) => {
    const { what, unit } = COSTS[name];
    const { value, source, date, note } = known[name];
    return [what, `${numberText(value)} ${unit}`, `\`${source}\`, ${date}${note ? `; ${note}` : ""}`];
  });
  return table(["", "costs", "measured by"], rows);
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const rounded = (value: number): string =>
  Number.isFinite(value) ? numberText(Number(value.toPrecision(2))) : "any number of";

const pairsText = (pairs: number): string => numberText(pairs);

/** The page with the plan between its marks; throws if they are not there. */
export function withPlan(page: string, plan: string): string {
  const [start, end] = [page.indexOf(FROM), page.indexOf(TO)];
  if (start < 0 || end < start) throw new Error(`The page has no ${FROM} … ${TO}`);
  return `${page.slice(0, start + FROM.length)}\n\n${plan}\n\n${page.slice(end)}`;
}

const MOST_DRAWN: readonly ResourceName[] = [
  "node CPU",
  "PostgreSQL CPU",
  "PostgreSQL WAL",
  "PostgreSQL disk",
  "Redis CPU",
];

export function planChart(known: UnitCosts, assumed: Assumptions): ChartSpec {
  const resources = resourcesOf(known, assumed);
  const { machines } = assumed;
  const drawn = resources.filter(({ name, carries }) => MOST_DRAWN.includes(name) && Number.isFinite(carries));
  return {
    kind: "lines",
    name: "capacity-plan",
    title: "Servers needed, from ten thousand to ten million pairs",
    description: `By what each has least of: a node of one core, a PostgreSQL of ${machines.postgresCores} cores, ${machines.walMBPerSecond} MB/s of WAL and ${machines.diskTB} TB, a Redis of one core; half of each left alone. Above 1, one is not enough.`,
    x: { label: "pairs", unit: "", isLog: true },
    y: { label: "servers", unit: "", isLog: true },
    series: drawn.map(({ name, carries }) => ({
      label: name,
      points: STAGES.map((pairs): [number, number] => [pairs, pairs / carries]),
    })),
  };
}

import { LIMITS } from "../domain/limits.ts";
import type { Violation } from "../tests/support/history-checker.ts";
import { partOf } from "../tests/support/reliability.ts";
import type { Alive, ProbeSample } from "./soak-probe.ts";
import { type Point, type Trend, trendOf } from "./soak-trend.ts";
import type { Look, NodeLook } from "./soak-watch.ts";
import type { SoakSize } from "./soaking.ts";

export interface Injected {
  readonly name: string;
  readonly atMs: number;
  /** Until everything was whole again. */
  readonly tookMs: number;
}

export interface Soaked {
  readonly size: SoakSize;
  readonly beganMs: number;
  /** When the last word was said, and when the last phone had gone. */
  readonly endedMs: number;
  readonly quietMs: number;
  /** Of the machine's cores, on average. */
  readonly share: number;
  readonly lives: number;
  readonly acknowledged: number;
  readonly observations: number;
  readonly violations: readonly Violation[];
  /** Milliseconds from a phone's first retry to its next acknowledgement. */
  readonly gaps: readonly number[];
  readonly joinsOfCrowd: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly faults: readonly Injected[];
  readonly troubles: readonly string[];
  readonly before: Look;
  readonly after: Look;
  readonly looks: readonly Look[];
  /** Node by node; the first was never killed. */
  readonly samples: readonly (readonly ProbeSample[])[];
}

/** One thing that was to hold, and how it turned out. */
export interface Judged {
  readonly what: string;
  readonly found: string;
  readonly isKept: boolean;
}

const MIB = 2 ** 20;
const HOUR_MS = 3_600_000;

/** MiB of heap an hour that a thousand pairs may cost for good. */
const GROWTH = 1;

/** What is left out of the trend: compiled code, caches and pools fill up first. */
const WARM_UP = 1 / 3;

/** Rooms outlive their phones by half a minute, presence by three quarters, a place given to nobody by less. */
export const QUIET_MS = 100_000;

/** Timers, sockets and files that pools and ways between nodes have more or fewer of, as it happens. */
const SLACK = 16;

export function verdictOf(soaked: Soaked): Judged[] {
  return [...wordsOf(soaked), heapOf(soaked), ...leftOf(soaked), ...aliveOf(soaked)];
}

/** Samples of the node that was never killed while everybody talked, without the first of them. */
export function steady({ samples, beganMs, endedMs }: Soaked): readonly ProbeSample[] {
  const from = beganMs + WARM_UP * (endedMs - beganMs);
  return (samples[0] ?? []).filter(({ atMs }) => atMs >= from && atMs <= endedMs);
}

export function growthOf(soaked: Soaked, of: (sample: ProbeSample) => number) {
  return trendOf(steady(soaked).map((sample): Point => [sample.atMs / HOUR_MS, of(sample) / MIB]));
}

function wordsOf({ violations, observations, acknowledged, troubles, samples, lives, answers }: Soaked): Judged[] {
  const mistakes = Object.keys(answers).filter((ended) => ended.startsWith("500"));
  const first = violations[0];
  const harm = first ? `${violations.length}, the first: [${first.promise}] ${first.says}` : "none";
  const pids = new Set((samples[0] ?? []).map(({ pid }) => pid));
  return [
    {
      what: `P2-P5, P10, P11 in ${lives} pairs' lives, ${acknowledged} acknowledged, ${observations} observations`,
      found: `violations: ${harm}`,
      isKept: violations.length === 0 && acknowledged > 0,
    },
    { what: "everybody got through in the end", found: troubles[0] ?? "yes", isKept: troubles.length === 0 },
    {
      what: "no call by HTTP was answered 500",
      found: mistakes.join(", ") || "none",
      isKept: mistakes.length === 0,
    },
    { what: "one node lived from the beginning to the end", found: `processes: ${pids.size}`, isKept: pids.size === 1 },
  ];
}

function heapOf(soaked: Soaked): Judged {
  const growth = growthOf(soaked, ({ heapBytes }) => heapBytes);
  const { slope, margin, samples } = growth;
  const { couples, crowd } = soaked.size;
  const goal = (GROWTH * (couples + crowd)) / 1000;
  return {
    what: `heap of that node: at most ${goal.toFixed(2)} MiB an hour more, or not to be told from it`,
    found: `${growthText(growth, 2)}, ${samples} samples`,
    // A minute says nothing.
    isKept: margin === Number.POSITIVE_INFINITY || slope - margin <= goal,
  };
}

const growthText = ({ slope, margin }: Trend, digits: number): string =>
  Number.isFinite(margin)
    ? `${slope.toFixed(digits)} ± ${margin.toFixed(digits)} MiB an hour`
    : "too short, or too much in waves, for a trend";

/** Everybody has left: nothing is left of them on any node. */
function leftOf({ before, after }: Soaked): Judged[] {
  const sum = ({ nodes }: Look, of: (node: NodeLook) => number) => nodes.reduce((total, node) => total + of(node), 0);
  const none = (what: string, of: (node: NodeLook) => number): Judged => {
    const left = sum(after, of);
    return { what: `${what}, everybody gone`, found: String(left), isKept: left === 0 && after.nodes.length > 0 };
  };
  const back = (what: string, was: number | undefined, is: number | undefined, slack: number): Judged => ({
    what: `${what}, everybody gone, against before`,
    found: `${is} against ${was}`,
    isKept: is !== undefined && was !== undefined && is <= was + slack,
  });
  return [
    none("rooms", ({ rooms }) => rooms),
    none("rooms of those who wait", ({ waitingRooms }) => waitingRooms),
    none("sockets of phones", ({ connections }) => connections),
    none("sockets passed on", ({ forwardedSockets }) => forwardedSockets),
    back("subscriptions at Redis", before.redisSubscriptions, after.redisSubscriptions, 0),
    back("connections to PostgreSQL", before.postgresConnections, after.postgresConnections, SLACK),
    back("temporary files", before.temporaryFiles, after.temporaryFiles, 0),
    back("jobs that wait", before.jobsWaiting, after.jobsWaiting, SLACK),
  ];
}

/** Of the node that was never killed: what it holds in the end against what it held before anybody came. */
function aliveOf(soaked: Soaked): Judged[] {
  const all = soaked.samples[0] ?? [];
  const [before, after] = [all.find(({ alive }) => alive), all.findLast(({ alive }) => alive)];
  const judged = (what: string, of: (sample: ProbeSample) => number): Judged => {
    const [was, is] = [before, after].map((sample) => (sample ? of(sample) : Number.NaN));
    return {
      what: `${what} of that node, everybody gone, against before`,
      found: `${is} against ${was}`,
      isKept: is !== undefined && was !== undefined && is <= was + SLACK,
    };
  };
  return [
    judged("timers", ({ alive }) => (alive ? timersIn(alive) : Number.NaN)),
    judged("sockets", ({ alive }) => alive?.sockets ?? Number.NaN),
    judged("open files", ({ openFiles }) => openFiles),
  ];
}

/** A limit remembers who used it for as long as it says, by a timer each, and that is what is meant. */
const WINDOWS = new Set(
  Object.values(LIMITS)
    .map(({ withinMs }) => withinMs)
    .filter((ms) => ms > QUIET_MS)
    .map(String),
);

const timersIn = ({ timers }: Alive): number =>
  Object.entries(timers).reduce((sum, [waits, count]) => (WINDOWS.has(waits) ? sum : sum + count), 0);

export function tableOf(soaked: Soaked, verdict: readonly Judged[]): string {
  const rows = verdict.map(({ what, found, isKept }) => `| ${what} | ${found} | ${isKept ? "kept" : "BROKEN"} |`);
  return [
    "| promise | found | |\n|---|---|---|",
    ...rows,
    "\n| faults | times | whole again after, at most |\n|---|---|---|",
    ...faultsOf(soaked.faults),
    `\n${measured(soaked).join("\n")}`,
  ].join("\n");
}

function faultsOf(faults: readonly Injected[]): string[] {
  const names = [...new Set(faults.map(({ name }) => name))].sort();
  return names.map((name) => {
    const took = faults.filter((fault) => fault.name === name).map(({ tookMs }) => tookMs);
    return `| ${name} | ${took.length} | ${(Math.max(...took) / 1000).toFixed(1)} s |`;
  });
}

function measured(soaked: Soaked): string[] {
  const { share, gaps, joinsOfCrowd, answers } = soaked;
  const samples = steady(soaked);
  const last = samples.at(-1);
  const gap = (part: number) => `${partOf(gaps, part).toFixed(0)} ms`;
  const rss = growthOf(soaked, ({ rssBytes }) => rssBytes);
  const late = samples.map(({ loopDelayP99Ms }) => loopDelayP99Ms);
  const pauses = samples.map(({ pauseMs }) => pauseMs);
  return [
    `load: ${(share * 100).toFixed(0)} % of all cores on average; the crowd joined ${joinsOfCrowd} times`,
    `gaps, ${gaps.length}: p50 ${gap(0.5)}, p99 ${gap(0.99)}, most ${gap(1)}`,
    `calls by HTTP: ${JSON.stringify(answers)}`,
    `in the end: heap ${((last?.heapBytes ?? 0) / MIB).toFixed(1)} MiB beside ${((last?.codeBytes ?? 0) / MIB).toFixed(1)} of code, RSS ${((last?.rssBytes ?? 0) / MIB).toFixed(0)} MiB (${growthText(rss, 0)})`,
    `event loop, p99 between two looks: median ${partOf(late, 0.5).toFixed(1)} ms, worst ${partOf(late, 1).toFixed(0)} ms; a look at the heap stops it for ${partOf(pauses, 0.5).toFixed(0)} ms`,
  ];
}

/**
 * Loaded into each node of a soak (`--import`): every few seconds, what the process holds once everything unneeded is gone,
 * as a line of the file that SOAK_SAMPLES names. It neither listens nor keeps the process alive.
 */
import { appendFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { queryObjects } from "node:v8";

export interface ProbeSample {
  readonly atMs: number;
  readonly pid: number;
  readonly heapBytes: number;
  /** Memory beside the heap that belongs to objects on it. */
  readonly externalBytes: number;
  readonly rssBytes: number;
  readonly openFiles: number;
  /** How late the loop was since the sample before, this collector's own pause not counted. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  /** How long it took to find out. */
  readonly pauseMs: number;
  /** Handles that keep the process alive, by kind. */
  readonly handles: Readonly<Record<string, number>>;
  /** Objects that are alive, by class, when it was asked for: timers that keep nobody awake are counted here alone. */
  readonly alive?: Alive;
}

export interface Alive {
  readonly timers: number;
  readonly sockets: number;
}

/** Who makes this file beside the samples wants objects counted once; each kind takes several collections of everything. */
export const wantedIn = (samples: string): string => `${samples}.count`;

const RESOLUTION_MS = 10;

const file = process.env["SOAK_SAMPLES"];
const everyMs = Number(process.env["SOAK_SAMPLE_MS"]);
// What a node forks inherits its environment.
if (file && process.argv[1]?.endsWith("server/main.ts")) watch(file);

function watch(samples: string): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const Timer = Object(setTimeout(() => undefined, 0)).constructor;
  delay.enable();
  setInterval(() => {
    const late = { loopDelayP99Ms: late99(delay.percentile(99)), loopDelayMaxMs: late99(delay.max) };
    const counted = existsSync(wantedIn(samples)) ? { alive: countedOnce(samples, Timer) } : {};
    appendFileSync(samples, `${JSON.stringify({ ...sampled(), ...late, ...counted })}\n`);
    // The pause is this program's own, and is measured with the next turn of the loop.
    setTimeout(() => delay.reset(), 2 * RESOLUTION_MS).unref();
  }, everyMs).unref();
}

function sampled(): Omit<ProbeSample, "loopDelayP99Ms" | "loopDelayMaxMs"> {
  const began = performance.now();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const handles: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  const openFiles = readdirSync("/proc/self/fd").length;
  const memory = { heapBytes: heapUsed, externalBytes: external, rssBytes: rss };
  return {
    atMs: Date.now(),
    pid: process.pid,
    ...memory,
    openFiles,
    handles,
    pauseMs: performance.now() - began,
  };
}

function countedOnce(samples: string, Timer: Parameters<typeof queryObjects>[0]): Alive {
  rmSync(wantedIn(samples));
  return { timers: countOf(Timer), sockets: countOf(Socket) };
}

const countOf = (kind: Parameters<typeof queryObjects>[0]): number => queryObjects(kind, { format: "count" });

const late99 = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);

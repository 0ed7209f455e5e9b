import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { commandLine, Misuse } from "../server/command-line.ts";
import { cpuSecondsOf, cpuSecondsOfFamily } from "./cluster-cpu.ts";
import { jsKib, pssKibOf, serversOf, wakeupsOf } from "./idle-memory.ts";
import type { Phones } from "./idle-phones.ts";
import { BenchWorld, type Memory } from "./world.ts";

export interface IdleSize {
  /** Rooms; each gets a phone of either twin. */
  readonly pairs: number;
  /** Of these pairs more phones come, to tell what a connection costs without a room. */
  readonly crowdedPairs: number;
  readonly idleSeconds: number;
}

export const IDLE: IdleSize = { pairs: 5000, crowdedPairs: 100, idleSeconds: 60 };

/** The server's memory with so many connections, after everything unneeded is gone. */
export interface IdleStep {
  readonly name: string;
  readonly rooms: number;
  readonly connections: number;
  readonly heapKib: number;
  readonly externalKib: number;
  readonly arrayBuffersKib: number;
  readonly rssKib: number;
}

export interface IdleFigures {
  readonly steps: readonly IdleStep[];
  /** Heap and buffers, as JavaScript counts them; and as the machine counts them. */
  readonly connectionHeapKib: number;
  readonly connectionRssKib: number;
  /** A room with both twins' phones beside what their two connections cost. */
  readonly roomHeapKib: number;
  readonly roomRssKib: number;
  /** A room and its two connections together, which is more to be trusted than its parts. */
  readonly pairRssKib: number;
  /** All that the server takes, its code and what every server needs included, for each connection of the full rooms. */
  readonly allInRssKib: number;
  readonly idleConnections: number;
  readonly idleCpuPercentOfCore: number;
  readonly idleWakeupsPerSecond: number;
  readonly postgresCpuPercentOfCore: number;
  readonly postgresConnections: number;
  readonly postgresConnectionPssKib: number;
}

/** Further phones of each twin: as many as may be. */
const CROWD = 7;

/** Timers that wait for whoever does not come are gone by then, and V8 has given back what it needed for the crowd. */
const SETTLE_MS = 45_000;

/** Code is compiled and pools are filled by the first few. */
const WARM_PAIRS = 50;

/** So many sockets in one process, of a limit of 20,000 descriptors. */
const PROCESSES = 2;

/**
 * What is kept and what is done while nobody says anything: rooms and sockets of one real server, whose phones live in
 * other processes. A connection is what one more phone in a room costs; a room is what is left of a pair's two.
 */
export async function measureIdle(size: IdleSize, progress: (done: string) => void): Promise<IdleFigures> {
  const { pairs, crowdedPairs, idleSeconds } = size;
  const world = await BenchWorld.open(pairs + WARM_PAIRS);
  const crowd = Array.from({ length: PROCESSES }, () => fork(join(import.meta.dirname, "idle-phones.ts")));
  const seat = (first: number, end: number, twin: 0 | 1, deviceId: string) =>
    seatAll(world, crowd, { first, end, twin, deviceId });
  try {
    await seat(pairs, pairs + WARM_PAIRS, 0, "first");
    await seat(pairs, pairs + WARM_PAIRS, 1, "first");
    const steps: IdleStep[] = [];
    const step = async (name: string, rooms: number, connections: number) => {
      progress(name);
      await wait(SETTLE_MS);
      const memory = await world.memory();
      steps.push(stepOf(name, rooms + WARM_PAIRS, connections + 2 * WARM_PAIRS, memory));
      return memory;
    };
    const none = await step("no rooms", 0, 0);
    await seat(0, pairs, 0, "first");
    await step("rooms with one of the two", pairs, pairs);
    await seat(0, pairs, 1, "first");
    const both = await step("rooms with both", pairs, 2 * pairs);
    progress(`idle for ${idleSeconds} s`);
    const idle = await idleFor(world, idleSeconds);
    const postgres = postgresOf(world);
    for (let n = 0; n < CROWD; n++)
      for (const twin of [0, 1] as const) await seat(0, crowdedPairs, twin, `further-${n}`);
    const further = 2 * CROWD * crowdedPairs;
    const crowded = await step("more phones", pairs, 2 * pairs + further);
    const connectionHeapKib = (jsKib(crowded) - jsKib(both)) / further;
    const connectionRssKib = (crowded.rss - both.rss) / 1024 / further;
    return {
      steps,
      connectionHeapKib,
      connectionRssKib,
      roomHeapKib: (jsKib(both) - jsKib(none)) / pairs - 2 * connectionHeapKib,
      pairRssKib: (both.rss - none.rss) / 1024 / pairs,
      roomRssKib: (both.rss - none.rss) / 1024 / pairs - 2 * connectionRssKib,
      allInRssKib: both.rss / 1024 / (2 * (pairs + WARM_PAIRS)),
      idleConnections: 2 * (pairs + WARM_PAIRS),
      ...idle,
      ...postgres,
    };
  } finally {
    for (const phones of crowd) phones.disconnect();
    await world.close();
  }
}

const stepOf = (name: string, rooms: number, connections: number, memory: Memory): IdleStep => ({
  name,
  rooms,
  connections,
  heapKib: memory.heapUsed / 1024,
  externalKib: memory.external / 1024,
  arrayBuffersKib: memory.arrayBuffers / 1024,
  rssKib: memory.rss / 1024,
});

interface Seating {
  readonly first: number;
  readonly end: number;
  readonly twin: 0 | 1;
  readonly deviceId: string;
}

async function seatAll(world: BenchWorld, crowd: readonly ChildProcess[], of: Seating): Promise<void> {
  const { first, end, twin, deviceId } = of;
  const all = Array.from({ length: end - first }, (_, n) => world.tokenOf(first + n, twin));
  const share = (nth: number) => all.filter((_, n) => n % crowd.length === nth);
  await Promise.all(
    crowd.map(async (phones, nth) => {
      const told: Phones = { port: world.port, deviceId, tokens: share(nth) };
      phones.send(told);
      const [answer] = await once(phones, "message");
      if (!("there" in answer)) throw new Error(`The phones did not come: ${JSON.stringify(answer)}`);
    }),
  );
}

async function idleFor({ serverPid = 0, postgresPid }: BenchWorld, seconds: number) {
  const used = () => ({
    server: cpuSecondsOf(serverPid),
    postgres: cpuSecondsOfFamily(postgresPid),
    wakeups: wakeupsOf(serverPid),
  });
  const before = used();
  await wait(seconds * 1000);
  const after = used();
  return {
    idleCpuPercentOfCore: ((after.server - before.server) / seconds) * 100,
    idleWakeupsPerSecond: (after.wakeups - before.wakeups) / seconds,
    postgresCpuPercentOfCore: ((after.postgres - before.postgres) / seconds) * 100,
  };
}

function postgresOf({ postgresPid = 0 }: BenchWorld) {
  const serving = serversOf(postgresPid);
  const pss = serving.reduce((sum, pid) => sum + pssKibOf(pid), 0);
  return { postgresConnections: serving.length, postgresConnectionPssKib: pss / serving.length };
}

if (import.meta.main) {
  const { json, pairs } = commandLine(`node bench/idle.ts [--pairs ${IDLE.pairs}] [--json]`, () => {
    const options = { json: { type: "boolean" }, pairs: { type: "string", default: String(IDLE.pairs) } } as const;
    const { values } = parseArgs({ options });
    if (/^[1-9]\d*$/.test(values.pairs)) return values;
    throw new Misuse("--pairs must be a whole number above 0");
  });
  const size = { ...IDLE, pairs: Number(pairs), crowdedPairs: Math.ceil(Number(pairs) / 50) };
  const figures = await measureIdle(size, (doing) => console.error(doing));
  if (json) console.log(JSON.stringify(figures));
  else {
    const { steps, ...rest } = figures;
    console.table(steps);
    console.table(rest);
  }
}

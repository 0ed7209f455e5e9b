import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { commandLine } from "../server/command-line.ts";
import { LeanPhone } from "./cluster-phone.ts";
import { ClusterWorld, cpuBetween } from "./cluster-world.ts";
import { measureSends, TALKERS } from "./scale.ts";

/** Each pair's past, where that is not what grows. */
const MESSAGES = 20;

/** With so few pairs, where their pasts are what grows. */
const PAIRS = 100;

/** Pairs made at once: more of them, and their pasts, are more than a statement has time for. */
const GROWN_AT_ONCE = 1000;

const JOINS_AT_ONCE = 10;

/** Sockets are joined and cut again, so that an average is one. */
const JOINS = 300;

/** Until the server has heard that lines are gone, and code is compiled. */
const SETTLE_MS = 3000;

export interface GrowthSize {
  /** Rooms alive, each with a connection; as many pairs are in the database, with a past. */
  readonly rooms: readonly number[];
  /** In each pair's history. */
  readonly messages: readonly number[];
}

export const USUAL: GrowthSize = { rooms: [100, 1000, 10_000], messages: [10, 100, 1000] };

/** What one thing costs at one size. */
export interface Costs {
  readonly size: number;
  readonly sendNodeCpuMs: number;
  readonly sendPostgresCpuMs: number;
  /** Joining a room that is open. */
  readonly joinNodeCpuMs: number;
  readonly joinPostgresCpuMs: number;
  /** Of the node, a second. */
  readonly idleConnectionUs: number;
}

export interface GrowthFigures {
  readonly rooms: readonly Costs[];
  readonly messages: readonly Costs[];
}

/** What a send, a join and being there cost a node and PostgreSQL at each size. */
export async function measureGrowth(size: GrowthSize, progress: (done: string) => void): Promise<GrowthFigures> {
  return { rooms: await overRooms(size.rooms, progress), messages: await overMessages(size.messages, progress) };
}

async function overRooms(sizes: readonly number[], progress: (done: string) => void): Promise<Costs[]> {
  const world = await ClusterWorld.open({ nodes: 1, pairs: TALKERS, messages: MESSAGES });
  try {
    const measured: Costs[] = [];
    let alive = 0;
    for (const rooms of sizes) {
      progress(`${rooms} rooms`);
      await grow(world, alive, rooms);
      progress(`${rooms} rooms, joining`);
      await open(world, alive, rooms);
      if (alive === 0) await rejoin(world, rooms);
      alive = rooms;
      measured.push(await costs(world, rooms, rooms));
    }
    return measured;
  } finally {
    await world.close();
  }
}

async function grow(world: ClusterWorld, from: number, to: number): Promise<void> {
  for (let pairs = from; pairs < to; ) {
    pairs = Math.min(to, pairs + GROWN_AT_ONCE);
    await world.grow(pairs);
  }
}

async function overMessages(sizes: readonly number[], progress: (done: string) => void): Promise<Costs[]> {
  const measured: Costs[] = [];
  for (const messages of sizes) {
    progress(`${messages} messages in each history`);
    const world = await ClusterWorld.open({ nodes: 1, pairs: PAIRS, messages });
    try {
      await open(world, 0, PAIRS);
      await rejoin(world, PAIRS);
      measured.push(await costs(world, messages, PAIRS));
    } finally {
      await world.close();
    }
  }
  return measured;
}

async function costs(world: ClusterWorld, size: number, rooms: number): Promise<Costs> {
  const { nodeCpuMs, postgresCpuMs, idleCpu } = await measureSends(world, rooms);
  await wait(SETTLE_MS);
  const began = performance.now();
  const before = world.cpu();
  await rejoin(world, rooms);
  const spent = cpuBetween(before, world.cpu());
  const idle = ((idleCpu / 100) * (performance.now() - began)) / 1000;
  return {
    size,
    sendNodeCpuMs: nodeCpuMs,
    sendPostgresCpuMs: postgresCpuMs,
    joinNodeCpuMs: ((spent.nodes - idle) * 1000) / JOINS,
    joinPostgresCpuMs: (spent.postgres * 1000) / JOINS,
    idleConnectionUs: ((idleCpu / 100) * 1e6) / rooms,
  };
}

/** Rooms of pairs numbered `from` to below `to`, each with a phone that stays. */
const open = (world: ClusterWorld, from: number, to: number): Promise<void> =>
  atOnce(to - from, async (n) => {
    await phoneOf(world, from + n, 0).come();
  });

/** The other twin comes and goes, so many times, in the first rooms in turn. */
const rejoin = (world: ClusterWorld, rooms: number): Promise<void> =>
  atOnce(JOINS, async (n) => {
    const phone = phoneOf(world, n % Math.min(rooms, PAIRS), 1);
    await phone.come();
    phone.cut();
  });

const phoneOf = (world: ClusterWorld, pair: number, twin: 0 | 1): LeanPhone =>
  new LeanPhone({ port: world.portFor(pair), token: world.tokenOf(pair, twin), deviceId: "phone" });

async function atOnce(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker));
}

if (import.meta.main) {
  const { json } = commandLine("node bench/growth.ts [--json]", () =>
    parseArgs({ options: { json: { type: "boolean" } } }),
  ).values;
  const figures = await measureGrowth(USUAL, (done) => console.error(`… ${done}`));
  if (json) console.log(JSON.stringify(figures));
  else for (const measured of Object.values(figures)) console.table(measured);
}

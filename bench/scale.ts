import { setTimeout as wait } from "node:timers/promises";
import type { Spread } from "../loadtest/tally.ts";
import { LeanPhone } from "./cluster-phone.ts";
import { Talkers } from "./cluster-talkers.ts";
import { ClusterWorld, cpuBetween } from "./cluster-world.ts";

/** Each pair's past, so that there are rows to match. */
const MESSAGES = 20;

/** The same few talk, at the same pace, however many others are alive. */
export const TALKERS = 20;

const JOINS_AT_ONCE = 20;
const SETTLE_MS = 5000;
const IDLE_MS = 10_000;
const TALK_MS = 15_000;

export interface ScaleFigures {
  readonly nodes: number;
  /** Alive: each with a phone in it. */
  readonly rooms: number;
  readonly answers: Spread;
  readonly sendsPerSecond: number;
  /** Milliseconds of CPU a send costs all nodes together, beyond what being there costs. */
  readonly nodeCpuMs: number;
  readonly postgresCpuMs: number;
  /** Per cent of a core, of all nodes together, while nobody says anything. */
  readonly idleCpu: number;
}

/** What a send costs with few rooms alive, and with many. */
export async function measureScale(
  nodes: number,
  rooms: readonly number[],
  progress: (done: string) => void,
): Promise<ScaleFigures[]> {
  const world = await ClusterWorld.open({ nodes, pairs: TALKERS, messages: MESSAGES });
  const figures: ScaleFigures[] = [];
  let joined = TALKERS;
  try {
    for (const count of rooms) {
      progress(`${count} rooms on ${nodes} node(s)`);
      await world.grow(count);
      await joinAll(world, joined, count);
      joined = count;
      await wait(SETTLE_MS);
      figures.push(await measureSends(world, count));
    }
    return figures;
  } finally {
    await world.close();
  }
}

async function joinAll(world: ClusterWorld, from: number, to: number): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < to) {
      const pair = next++;
      const [port, token] = [world.portFor(pair), world.tokenOf(pair, 0)];
      await new LeanPhone({ port, token, deviceId: "phone" }).come();
    }
  };
  await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker));
}

/** What a send costs beyond being there, while so many rooms are alive; the first pairs talk. */
export async function measureSends(world: ClusterWorld, rooms: number): Promise<ScaleFigures> {
  const start = world.cpu();
  await wait(IDLE_MS);
  const idle = cpuBetween(start, world.cpu());
  const talkers = await Talkers.start(world, 0, TALKERS);
  // Their joining is none of it.
  await wait(SETTLE_MS);
  await talkers.figures();
  const before = world.cpu();
  await wait(TALK_MS);
  const { answers, seconds } = await talkers.figures();
  const spent = cpuBetween(before, world.cpu());
  await talkers.stop();
  const eachOf = (part: "nodes" | "postgres") =>
    ((spent[part] - (idle[part] * TALK_MS) / IDLE_MS) / answers.count) * 1000;
  return {
    nodes: world.nodes,
    rooms,
    answers,
    sendsPerSecond: answers.count / seconds,
    nodeCpuMs: eachOf("nodes"),
    postgresCpuMs: eachOf("postgres"),
    idleCpu: (idle.nodes / IDLE_MS) * 100_000,
  };
}

import { setTimeout as wait } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import { type Figures, figuresOf } from "./figures.ts";
import { BenchWorld, type Memory } from "./world.ts";

const IDLE_SECONDS = 10;

/** One after the other: this is about how long it takes, not how many. */
const AT_ONCE = 1;

export interface RoomFigures {
  readonly activation: Figures;
  readonly join: Figures;
  /** KiB of heap and buffers. */
  readonly room: number;
  readonly connection: number;
  /** Per cent of one core, of all rooms together. */
  readonly idleCpu: number;
}

/**
 * What rooms and connections cost the real server, over real sockets: opening cold rooms, joining open ones, keeping them
 * while nothing happens. A connection is what a second socket in an open room adds; a room is what is left of the first.
 */
export async function measureRooms(rooms: number, progress: (done: string) => void): Promise<RoomFigures> {
  const world = await BenchWorld.open(rooms + 50);
  const open: Room[] = [];
  try {
    // Code is compiled and pools are filled by the first few.
    for (let pair = rooms; pair < rooms + 50; pair++) open.push(await world.join(pair, 0, "warm"));
    const empty = await world.memory();
    progress("activating rooms");
    const activation = await timed(rooms, async (pair) => void open.push(await world.join(pair, 0, "first")));
    const first = await world.memory();
    progress("joining open rooms");
    const join = await timed(rooms, async (pair) => void open.push(await world.join(pair, 1, "second")));
    const second = await world.memory();
    progress(`watching them idle for ${IDLE_SECONDS} s`);
    const before = world.cpuSeconds();
    await wait(IDLE_SECONDS * 1000);
    const idleCpu = ((world.cpuSeconds() - before) / IDLE_SECONDS) * 100;
    const connection = kibBetween(first, second) / rooms;
    return { activation, join, connection, room: kibBetween(empty, first) / rooms - connection, idleCpu };
  } finally {
    await Promise.all(open.map((room) => room.leave()));
    await world.close();
  }
}

async function timed(count: number, work: (n: number) => Promise<void>): Promise<Figures> {
  const times: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const mine = next++;
      const started = performance.now();
      await work(mine);
      times.push(performance.now() - started);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return figuresOf(times, (performance.now() - began) / 1000);
}

/** External memory holds the array buffers already. */
const kibBetween = (before: Memory, after: Memory): number =>
  (after.heapUsed + after.external - before.heapUsed - before.external) / 1024;

import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { RoomsWorld } from "../support/rooms-world.ts";
import { ada, pair } from "../support/twins.ts";

const WARM = 50;
const ROOMS = 400;

describe("rooms in which nothing happens", () => {
  const world = new RoomsWorld();

  before(() => world.start());
  after(() => world.stop());

  /** By a command over HTTP, so that there is no socket to it. */
  const open = async (first: number, end: number) => {
    for (let n = first; n < end; n++) {
      world.pairs.set(ada, pair(n));
      await world.rooms.door.mark({ userId: ada, pairId: pair(n) }, "read", 0);
    }
  };

  it("[IM5] a room keeps less than 24 KiB of heap and buffers", async () => {
    await open(0, WARM);
    const before = bytesKept();
    await open(WARM, WARM + ROOMS);
    const kib = (bytesKept() - before) / 1024 / ROOMS;
    assert.equal(world.rooms.counts.pairs(), WARM + ROOMS);
    assert.ok(kib < 24, `${kib.toFixed(1)} KiB`);
  });
});

/** External memory holds the array buffers already. */
function bytesKept(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  assert.ok(typeof collect === "function");
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

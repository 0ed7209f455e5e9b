import assert from "node:assert/strict";
import { noTrouble } from "../support/faulty-journal.ts";
import { Simulation } from "./simulation.ts";

const SEEDS = Number(process.env["SEEDS"] ?? 2000);
const FIRST = Number(process.env["FIRST_SEED"] ?? 1);
const PER_TEST = 250;

describe("a room on a bad line", () => {
  const fired = noTrouble().fired;

  async function live(seed: number): Promise<void> {
    const simulation = new Simulation(seed);
    try {
      await simulation.run();
      simulation.check();
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
    for (const [fault, count] of simulation.trouble.fired) fired.set(fault, (fired.get(fault) ?? 0) + count);
  }

  for (let first = FIRST; first < FIRST + SEEDS; first += PER_TEST) {
    const last = Math.min(first + PER_TEST, FIRST + SEEDS) - 1;
    it(`[P1-P5] [TW2] [TW7] keeps its promises (seeds ${first}-${last})`, async () => {
      for (let seed = first; seed <= last; seed++) await live(seed);
    }).timeout(60_000);
  }

  after(() => {
    for (const [fault, count] of fired) assert.ok(count > SEEDS / 20, `"${fault}" hardly ever happened: ${count}`);
  });
});

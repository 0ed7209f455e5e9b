import assert from "node:assert/strict";
import { mock } from "node:test";
import { keepHouse } from "../../server/housekeeping.ts";

describe("housekeeping", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setInterval"] }));
  afterEach(() => mock.timers.reset());

  it("[ID6] [SE14] forgets every hour what nobody can ask for any more, and goes on after a failure", async () => {
    const done: string[] = [];
    const errors: unknown[] = [];
    const sweep = async () => {
      done.push("sessions");
      if (done.length === 1) throw new Error("connection lost");
    };
    const purge = async () => done.push("keys");
    const stop = keepHouse({ sessions: { sweep }, idempotency: { purge }, report: (error) => errors.push(error) });
    for (let hour = 0; hour < 2; hour++) {
      mock.timers.tick(3_600_000);
      await new Promise(setImmediate);
    }
    assert.deepEqual([done, errors.length], [["sessions", "sessions", "keys"], 1]);
    stop();
    mock.timers.tick(3_600_000);
    assert.equal(done.length, 3);
  });
});

import assert from "node:assert/strict";
import { Refusal } from "../../domain/refusal.ts";
import { NotDone } from "../../rooms/durable/journal.ts";
import { LastErrors } from "../../rooms/last-errors.ts";
import { PairId } from "../../schema/wire/ids.ts";
import { RoomsWorld } from "../support/rooms-world.ts";
import { ada, pair } from "../support/twins.ts";

const one = PairId.parse(pair(1));

describe("what last went wrong in a room", () => {
  it("[PP12] it is told by its code, its kind and its time, and no word of it; what the rules refuse is no error", () => {
    let now = 1000;
    const errors = new LastErrors(() => now);
    assert.equal(errors.of(one), null);
    errors.hear(one, new Refusal("NOT_FOUND", "There is no such message"));
    errors.hear(one, new NotDone("reused"));
    assert.equal(errors.of(one), null);
    errors.hear(one, new TypeError("cannot read what Ada wrote"));
    assert.deepEqual(errors.of(one), { code: "INTERNAL_SERVER_ERROR", kind: "TypeError", at: 1000 });
    now = 2000;
    errors.hear(one, new NotDone("unavailable", { cause: new RangeError("a secret word") }));
    assert.deepEqual(errors.of(one), { code: "UNAVAILABLE", kind: "RangeError", at: 2000 });
    const named = Object.assign(new Error("x"), { name: "what Ada wrote" });
    for (const odd of [named, "what Ada wrote", { name: "Ada" }]) {
      errors.hear(one, odd);
      assert.equal(errors.of(one)?.kind, "Error");
    }
  });

  it("[PP12] of no more than a thousand pairs, those that had none for longest forgotten first", () => {
    const errors = new LastErrors(() => 1);
    for (let n = 1; n <= 1000; n++) errors.hear(PairId.parse(pair(n)), new NotDone("poisoned"));
    errors.hear(one, new NotDone("unavailable"));
    errors.hear(PairId.parse(pair(1001)), new NotDone("poisoned"));
    assert.equal(errors.of(one)?.code, "UNAVAILABLE");
    assert.equal(errors.of(PairId.parse(pair(2))), null);
    assert.equal(errors.of(PairId.parse(pair(3)))?.code, "INTERNAL_SERVER_ERROR");
  });

  it("[PP12] a room tells of a command that was not done, and one that cannot be opened tells too", async () => {
    const world = new RoomsWorld();
    await world.start();
    const { seats, door } = world.rooms;
    const say = (key: string) => door.execute({ pairId: one, userId: ada }, "chat.send", { key, text: "a secret" });
    try {
      world.trouble = () => {
        throw new RangeError("a secret");
      };
      await assert.rejects(say("first"));
      const closed = await seats.inspect(one, null);
      assert.deepEqual([closed?.isOpen, closed?.lastError?.code], [false, "UNAVAILABLE"]);
      world.trouble = undefined;
      await say("second");
      world.trouble = () => {
        throw new RangeError("a secret");
      };
      const before = Date.now();
      await assert.rejects(say("third"));
      const open = await seats.inspect(one, null);
      assert.deepEqual([open?.isOpen, open?.lastError?.code], [true, "UNAVAILABLE"]);
      assert.ok(Number(open?.lastError?.at) >= before);
      assert.doesNotMatch(JSON.stringify([closed, open]), /secret/);
    } finally {
      world.trouble = undefined;
      await world.stop();
    }
  });
});

import assert from "node:assert/strict";
import { gathering } from "../../server/adapters/database/gathering.ts";

describe("questions that are put together", () => {
  const asked: (readonly number[])[] = [];
  let answered: PromiseWithResolvers<void>;
  const ask = async (keys: readonly number[]) => {
    asked.push(keys);
    await answered.promise;
    return keys.map((key) => 10 * key);
  };
  beforeEach(() => {
    asked.length = 0;
    answered = Promise.withResolvers<void>();
  });

  it("[CR2] who comes alone is asked for at once; who comes meanwhile goes into the next, all together", async () => {
    const one = gathering(ask);
    const answers = Array.from({ length: 40 }, (_, n) => one(n));
    assert.deepEqual(asked, [[0]]);
    answered.resolve();
    assert.deepEqual(
      await Promise.all(answers),
      Array.from({ length: 40 }, (_, n) => 10 * n),
    );
    assert.deepEqual(asked, [[0], Array.from({ length: 39 }, (_, n) => n + 1)]);
    assert.equal(await one(7), 70);
    assert.equal(asked.length, 3);
  });

  it("[CR2] no statement asks for more than it may", async () => {
    const one = gathering(ask, 3);
    answered.resolve();
    await Promise.all(Array.from({ length: 8 }, (_, n) => one(n)));
    assert.deepEqual(asked, [[0], [1, 2, 3], [4, 5, 6], [7]]);
  });

  it("[CR2] a statement that fails fails those who are in it, and nobody else", async () => {
    const failing = gathering<number, number>(async (keys) => {
      if (keys.includes(1)) throw new Error("no database");
      return keys;
    });
    const [first, second, third] = [failing(0), failing(1), failing(2)];
    assert.equal(await first, 0);
    await assert.rejects(second, /no database/);
    await assert.rejects(third, /no database/);
    assert.equal(await failing(3), 3);
  });

  it("[CR2] answers that are fewer than the questions are none", async () => {
    await assert.rejects(gathering<number, number>(async () => [])(1), /1 asked, and 0 were answered/);
  });
});

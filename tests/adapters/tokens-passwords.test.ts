import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import type { PasswordHasher } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { argon2Hasher, Turns } from "../../server/adapters/sessions/password-hasher.ts";

const tick = () => new Promise((done) => setImmediate(done));

describe("passwords", () => {
  let hasher: PasswordHasher;
  before(async () => {
    hasher = await argon2Hasher();
  });

  it("[AC7] are hashed with argon2id, 19 MiB, two passes, and a salt of their own", async () => {
    const [one, other] = await Promise.all([hasher.hash("Correct-horse-1"), hasher.hash("Correct-horse-1")]);
    assert.match(one, /^\$argon2id\$v=19\$m=19456,(?=.*t=2)(?=.*p=1)[tp=12,]+\$/);
    assert.notEqual(one, other);
    const looks = ["Correct-horse-1", "Correct-horse-2", ""].map((password) => hasher.matches(one, password));
    assert.deepEqual(await Promise.all(looks), [true, false, false]);
  });

  it("[AC9] are looked at as long for nobody as for somebody, and nobody's is never right", async () => {
    const hash = await hasher.hash("Correct-horse-1");
    const timed = async (of: string | null) => {
      const start = performance.now();
      assert.equal(await hasher.matches(of, "Wrong-guess-1"), false);
      return performance.now() - start;
    };
    // In turns, and the quickest of each: what else the machine does only ever adds.
    let [nobody, somebody] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let n = 0; n < 12; n++) {
      nobody = Math.min(nobody, await timed(null));
      somebody = Math.min(somebody, await timed(hash));
    }
    assert.ok(nobody > somebody / 3 && nobody < somebody * 3, `${nobody} ms and ${somebody} ms`);
  });

  it("[AC13] are hashed a few at a time; some wait in turn, the rest are sent away", async () => {
    const turns = new Turns(2, 3);
    const ends: (() => void)[] = [];
    const began: number[] = [];
    const ask = (n: number) =>
      turns.take(async () => {
        began.push(n);
        await new Promise<void>((end) => ends.push(end));
        return n;
      });
    const asked = [0, 1, 2, 3, 4].map(ask);
    await tick();
    assert.deepEqual(began, [0, 1]);
    await assert.rejects(ask(5), (error) => error instanceof Refusal && error.code === "UNAVAILABLE");
    ends[1]?.();
    await tick();
    assert.deepEqual(began, [0, 1, 2]);
    for (let n = 0; n < 5; n++) {
      ends[n]?.();
      await tick();
    }
    assert.deepEqual(await Promise.all(asked), [0, 1, 2, 3, 4]);
    assert.equal(await turns.take(async () => "free again"), "free again");
  });

  it("[AC13] one that fails gives its turn on", async () => {
    const turns = new Turns(1, 1);
    const failing = turns.take(async () => Promise.reject(new Error("broken")));
    const next = turns.take(async () => "next");
    await assert.rejects(failing, /broken/);
    assert.equal(await next, "next");
  });
});

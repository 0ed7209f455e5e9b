import assert from "node:assert/strict";
import { LIMITS, type Limit, type LimitName } from "../../domain/limits.ts";
import type { Limits } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";

const MINUTE_MS = 60_000;

/** The code of the refusal that comes when nothing is left, and what it says. */
export function isSpent(limit: number, withinMs: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal && error.allowance, String(error));
    assert.equal(error.code, "RATE_LIMIT_EXCEEDED");
    assert.ok(error.retryAfterMs && error.retryAfterMs > withinMs - 5000 && error.retryAfterMs <= withinMs);
    assert.deepEqual([error.allowance.limit, error.allowance.remaining], [limit, 0]);
    return true;
  };
}

/** What every keeper of limits promises. `open` gives one of which nothing was taken, under a table of its own. */
export function limitsContract(
  name: string,
  open: (table: Readonly<Record<LimitName, Limit>>) => Limits | Promise<Limits>,
): void {
  describe(`limits in ${name}`, () => {
    const openThree = async () => open({ ...LIMITS, messages: { points: 3, withinMs: MINUTE_MS } });

    it("[LI5] gives so many, then says when there are more", async () => {
      const limits = await openThree();
      const left = [];
      for (let n = 0; n < 3; n++) left.push((await limits.take("messages", "ada")).remaining);
      assert.deepEqual(left, [2, 1, 0]);
      await assert.rejects(limits.take("messages", "ada"), isSpent(3, MINUTE_MS));
      const { resetMs, ...bea } = await limits.take("messages", "bea");
      assert.deepEqual(bea, { limit: 3, remaining: 2 });
      assert.ok(resetMs > MINUTE_MS - 5000 && resetMs <= MINUTE_MS);
    });

    it("[LI5] being refused costs no more time", async () => {
      const limits = await openThree();
      await limits.take("messages", "ada", 3);
      const waits: number[] = [];
      for (let n = 0; n < 20; n++)
        waits.push(await limits.take("messages", "ada").catch((error) => error.retryAfterMs));
      assert.ok(waits.every((wait, n) => wait <= (waits[n - 1] ?? MINUTE_MS)));
    });

    it("[LI5] looking takes nothing, and forgetting gives all back", async () => {
      const limits = await openThree();
      assert.deepEqual(await limits.look("messages", "ada"), { limit: 3, remaining: 3, resetMs: 0 });
      await limits.take("messages", "ada", 2);
      for (let n = 0; n < 5; n++) assert.equal((await limits.look("messages", "ada")).remaining, 1);
      await limits.clear("messages", "ada");
      await limits.clear("messages", "nobody");
      assert.equal((await limits.take("messages", "ada", 3)).remaining, 0);
    });

    it("[LI5] looking at what is spent tells it, and refuses nobody", async () => {
      const limits = await openThree();
      await limits.take("messages", "ada", 3);
      await assert.rejects(limits.take("messages", "ada", 2));
      const { remaining, resetMs } = await limits.look("messages", "ada");
      assert.equal(remaining, 0);
      assert.ok(resetMs > MINUTE_MS - 5000 && resetMs <= MINUTE_MS);
    });

    it("[LI5] of many at once no more get through than may", async () => {
      const limits = await openThree();
      const taken = await Promise.allSettled(Array.from({ length: 50 }, () => limits.take("messages", "ada")));
      assert.equal(taken.filter(({ status }) => status === "fulfilled").length, 3);
    });

    it("[LI5] one limit knows nothing of another, and an unknown one is a mistake of ours", async () => {
      const limits = await openThree();
      await limits.take("messages", "ada", 3);
      assert.equal((await limits.take("requests", "ada")).remaining, LIMITS.requests.points - 1);
      await assert.rejects(limits.take("mesages", "ada"), /There is no limit "mesages"/);
      assert.equal((await limits.take("messages", "__proto__")).remaining, 2);
    });
  });
}

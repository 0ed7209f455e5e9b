import assert from "node:assert/strict";
import { LIMITS, type Limit, limitTable } from "../../domain/limits.ts";
import type { Limits } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";

const MINUTE_MS = 60_000;

describe("limits", () => {
  it("[LI4] are in one table, with the numbers that were promised", () => {
    const per = ({ points, withinMs }: Limit) => `${points} in ${withinMs / MINUTE_MS} min`;
    assert.deepEqual(
      Object.entries(LIMITS).map(([name, limit]) => `${name}: ${per(limit)}`),
      [
        "login.account: 5 in 15 min",
        "login.ip: 30 in 15 min",
        "messages: 100 in 1 min",
        "codes.redeem: 10 in 60 min",
        "requests: 300 in 1 min",
        "requests.ip: 600 in 1 min",
      ],
    );
  });

  it("[LI4] load tests change those of messages and of requests, and no other", () => {
    const table = limitTable({ messagesPerMinute: 7, requestsPerMinute: 9 });
    assert.deepEqual([table.messages.points, table.requests.points, table["requests.ip"].points], [7, 9, 18]);
    const { messages, requests, "requests.ip": ofIps, ...rest } = LIMITS;
    assert.deepEqual(table, {
      ...rest,
      messages: { ...messages, points: 7 },
      requests: { ...requests, points: 9 },
      "requests.ip": { ...ofIps, points: 18 },
    });
  });

  limitsContract("memory", (table) => memoryLimits({ ...LIMITS, ...table }));
});

/** What any implementation keeps. Redis' comes into it later. */
function limitsContract(name: string, open: (table: { messages: Limit }) => Limits): void {
  describe(`limits in ${name}`, () => {
    const three = { messages: { points: 3, withinMs: MINUTE_MS } };

    it("[LI5] gives so many, then says when there are more", async () => {
      const limits = open(three);
      const left = [];
      for (let n = 0; n < 3; n++) left.push((await limits.take("messages", "ada")).remaining);
      assert.deepEqual(left, [2, 1, 0]);
      await assert.rejects(limits.take("messages", "ada"), (error) => {
        assert.ok(error instanceof Refusal && error.allowance);
        assert.equal(error.code, "RATE_LIMIT_EXCEEDED");
        assert.ok(error.retryAfterMs && error.retryAfterMs > MINUTE_MS - 5000 && error.retryAfterMs <= MINUTE_MS);
        assert.deepEqual([error.allowance.limit, error.allowance.remaining], [3, 0]);
        return true;
      });
      assert.equal((await limits.take("messages", "bea")).remaining, 2);
    });

    it("[LI5] being refused costs no more time", async () => {
      const limits = open(three);
      await limits.take("messages", "ada", 3);
      const waits = [];
      for (let n = 0; n < 20; n++)
        waits.push(await limits.take("messages", "ada").catch((error) => error.retryAfterMs));
      assert.ok(waits.every((wait) => wait <= MINUTE_MS) && waits[19] <= waits[0]);
    });

    it("[LI5] looking takes nothing, and forgetting gives all back", async () => {
      const limits = open(three);
      assert.deepEqual(await limits.look("messages", "ada"), { limit: 3, remaining: 3, resetMs: 0 });
      await limits.take("messages", "ada", 2);
      for (let n = 0; n < 5; n++) assert.equal((await limits.look("messages", "ada")).remaining, 1);
      await limits.clear("messages", "ada");
      await limits.clear("messages", "nobody");
      assert.equal((await limits.take("messages", "ada", 3)).remaining, 0);
    });

    it("[LI5] of many at once no more get through than may", async () => {
      const limits = open(three);
      const taken = await Promise.allSettled(Array.from({ length: 50 }, () => limits.take("messages", "ada")));
      assert.equal(taken.filter(({ status }) => status === "fulfilled").length, 3);
    });

    it("[LI5] one limit knows nothing of another, and an unknown one is a mistake of ours", async () => {
      const limits = open(three);
      await limits.take("messages", "ada", 3);
      assert.equal((await limits.take("requests", "ada")).remaining, LIMITS.requests.points - 1);
      await assert.rejects(limits.take("mesages", "ada"), /There is no limit "mesages"/);
      assert.equal((await limits.take("messages", "__proto__")).remaining, 2);
    });
  });
}

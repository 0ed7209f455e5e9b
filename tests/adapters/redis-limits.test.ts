import assert from "node:assert/strict";
import { LIMITS } from "../../domain/limits.ts";
import type { Limits } from "../../domain/ports.ts";
import type { LimitTable } from "../../server/adapters/limits/counters.ts";
import { redisLimits } from "../../server/adapters/limits/redis.ts";
import { type OpenedRedis, openRedis } from "../../server/adapters/redis/open.ts";
import { isSpent, limitsContract } from "../contracts/limits.contract.ts";
import { eventually } from "../support/embedded.ts";
import { describeWithRedis, startRedis, type TestRedis } from "../support/redis.ts";
import { stopwatch } from "../support/stopwatch.ts";

const MINUTE_MS = 60_000;

const TABLE = { ...LIMITS, messages: { points: 3, withinMs: MINUTE_MS } };

const silent = { info: () => undefined, warn: () => undefined };

describeWithRedis("limits across nodes", () => {
  let server: TestRedis;
  const open: OpenedRedis[] = [];
  const reports: unknown[] = [];

  before(async () => {
    server = await startRedis();
  });
  beforeEach(async () => {
    reports.length = 0;
    await server.restart({ empty: true });
  });
  afterEach(async () => {
    for (const redis of open.splice(0)) await redis.close();
  });
  after(() => server.stop());

  /** What one more node has. */
  async function node(table: LimitTable = TABLE): Promise<{ limits: Limits; redis: OpenedRedis }> {
    const redis = openRedis({ url: server.url, log: silent });
    open.push(redis);
    await eventually(redis.isThere);
    return { redis, limits: redisLimits({ redis, table, report: (error) => void reports.push(error) }) };
  }

  /** Each asks in turn, and gets `points` between them. */
  async function assertShared(nodes: readonly { limits: Limits }[], key: string): Promise<void> {
    const takes = Array.from({ length: 3 * nodes.length }, (_, n) => nodes[n % nodes.length]?.limits);
    const taken = await Promise.allSettled(takes.map((limits) => limits?.take("messages", key)));
    assert.equal(taken.filter(({ status }) => status === "fulfilled").length, TABLE.messages.points);
  }

  /** As many as each node's own limit says, and all answered soon. */
  async function assertHeldHere(nodes: readonly { limits: Limits }[], key: string, withinMs: number): Promise<void> {
    const elapsed = stopwatch();
    for (const { limits } of nodes) {
      const taken = await Promise.allSettled(Array.from({ length: 9 }, () => limits.take("messages", key)));
      assert.equal(taken.filter(({ status }) => status === "fulfilled").length, TABLE.messages.points);
      assert.equal((await limits.look("messages", key)).remaining, 0);
      await assert.rejects(limits.take("messages", key), isSpent(3, MINUTE_MS));
    }
    const took = elapsed();
    assert.ok(took < withinMs, `took ${Math.round(took)} ms`);
  }

  limitsContract("Redis", async (table) => (await node(table)).limits);

  it("[RD8] hold for all nodes together, and are given back on all together", async () => {
    const nodes = [await node(), await node(), await node()];
    await assertShared(nodes, "ada");
    const [first, second] = nodes;
    assert.equal((await second?.limits.look("messages", "ada"))?.remaining, 0);
    await first?.limits.clear("messages", "ada");
    await assertShared(nodes, "ada");
    assert.deepEqual(reports, []);
  });

  it("[RD8] end with their time, though more and more was asked for", async () => {
    const table = { ...LIMITS, messages: { points: 3, withinMs: 1000 } };
    const { limits } = await node(table);
    await limits.take("messages", "ada", 3);
    await assert.rejects(limits.take("messages", "ada"));
    await eventually(async () => (await limits.look("messages", "ada")).remaining === 3);
    assert.equal((await limits.take("messages", "ada")).remaining, 2);
  });

  it("[RD9] hold on each node while Redis is gone, at once, and are shared again when it is back", async () => {
    const nodes = [await node(), await node()];
    await server.kill("SIGKILL");
    await eventually(() => nodes.every(({ redis }) => !redis.isThere()));
    await assertHeldHere(nodes, "ada", 500);
    await server.restart({ empty: true });
    await eventually(() => nodes.every(({ redis }) => redis.isThere()));
    await assertShared(nodes, "bea");
    assert.deepEqual(reports, [], "an outage is said where it is noticed");
  });

  it("[RD9] nobody gets a new start on a node because Redis went", async () => {
    const { limits, redis } = await node();
    await limits.take("messages", "ada", 2);
    await server.kill("SIGKILL");
    await eventually(() => !redis.isThere());
    assert.equal((await limits.take("messages", "ada")).remaining, 0);
    await assert.rejects(limits.take("messages", "ada"), isSpent(3, MINUTE_MS));
    await limits.clear("messages", "ada");
    assert.equal((await limits.take("messages", "ada")).remaining, 2);
  });

  it("[RD9] wait for a frozen Redis once, half a second, and not at each request", async () => {
    const nodes = [await node()];
    await server.kill("SIGSTOP");
    await assertHeldHere(nodes, "ada", 900);
    await assertHeldHere(nodes, "bea", 250);
    await server.kill("SIGCONT");
    await eventually(() => nodes.every(({ redis }) => redis.isThere()));
    await assertShared([...nodes, await node()], "cleo");
  });

  it("[RD10] refuse nobody for what Redis has no right to say", async () => {
    const { limits } = await node();
    const key = (name: string) => `twinship:limit:messages:${name}`;
    await server.cli("rpush", key("list"), "a");
    await server.cli("set", key("word"), "lots");
    await server.cli("set", key("huge"), "9223372036854775807");
    await server.cli("set", key("debt"), "-5", "ex", "30");
    await server.cli("set", key("years"), "1000000", "ex", "100000000");
    for (const name of ["list", "word", "huge", "debt", "years"]) {
      for (const remaining of [2, 1, 0]) {
        const allowance = await limits.take("messages", name);
        assert.deepEqual([allowance.limit, allowance.remaining], [3, remaining], name);
        assert.equal((await limits.look("messages", name)).remaining, remaining, name);
      }
    }
    assert.equal(reports.length, 1, "said, and not at each request");
  });

  it("[RD10] refuse nobody because Redis is full, or loads", async () => {
    const nodes = [await node()];
    await server.cli("config", "set", "maxmemory", "1");
    await assertHeldHere(nodes, "ada", 500);
    assert.equal(reports.length, 1);
    await server.cli("config", "set", "maxmemory", "0");
    await assertShared([...nodes, await node()], "bea");
  });

  it("[RD10] go on when Redis forgot everything, its scripts too", async () => {
    const nodes = [await node(), await node()];
    await assertShared(nodes, "ada");
    await server.cli("flushall");
    await server.cli("script", "flush");
    await assertShared(nodes, "ada");
    assert.deepEqual(reports, []);
  });
});

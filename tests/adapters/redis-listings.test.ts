import assert from "node:assert/strict";
import {
  type IRoomCache,
  initializeRoomCache,
  type LocalDriver,
  LocalPresence,
  matchMaker,
  Room,
} from "@colyseus/core";
import { RedisDriver } from "@colyseus/redis-driver";
import { mirroredDriver } from "../../server/adapters/presence/mirror.ts";
import { type OpenedRedis, openRedis } from "../../server/adapters/redis/open.ts";
import { eventually } from "../support/embedded.ts";
import { describeWithRedis, startRedis, type TestRedis } from "../support/redis.ts";
import { stopwatch } from "../support/stopwatch.ts";

const silent = { info: () => undefined, warn: () => undefined };

/** Often enough for a test. */
const CHECK_MS = 50;

const never = 3_600_000;

describeWithRedis("the list of rooms in Redis", () => {
  let server: TestRedis;
  const open: OpenedRedis[] = [];
  const drivers: LocalDriver[] = [];
  const reports: unknown[] = [];

  before(async () => {
    server = await startRedis();
  });
  beforeEach(async () => {
    reports.length = 0;
    await server.restart({ empty: true });
  });
  afterEach(async () => {
    for (const driver of drivers.splice(0)) await driver.shutdown();
    for (const redis of open.splice(0)) await redis.close();
  });
  after(() => server.stop());

  async function connected(): Promise<OpenedRedis> {
    const redis = openRedis({ url: server.url, log: silent });
    open.push(redis);
    await eventually(redis.isThere);
    return redis;
  }

  async function node(more: { checkMs?: number; sweepMs?: number; living?: string[] } = {}): Promise<LocalDriver> {
    const { living = [], checkMs = CHECK_MS, sweepMs = never } = more;
    const driver = mirroredDriver({
      redis: await connected(),
      report: (error) => void reports.push(error),
      living: async () => new Set(living),
      checkMs,
      sweepMs,
    });
    drivers.push(driver);
    return driver;
  }

  const room = (roomId: string, processId = "p1"): IRoomCache =>
    initializeRoomCache({ name: "pair", roomId, processId });

  /** As another node, or an operator, finds them. */
  async function listed(): Promise<string[]> {
    const ids = await server.cli("hkeys", "roomcaches");
    return ids.split("\n").filter(Boolean).sort();
  }

  const comesToList = (...ids: string[]) =>
    eventually(async () => (await listed()).join() === ids.join()).catch(async () =>
      assert.deepEqual(await listed(), ids),
    );

  it("[RD17] follows what Colyseus does with its rooms, in the form of its own driver", async () => {
    const driver = await node();
    const [first, second] = [room("a"), room("b")];
    assert.equal(await driver.insert(first), true);
    assert.equal(await driver.insert(room("a")), false);
    driver.persist(second, true);
    await comesToList("a", "b");
    driver.update(first, { $inc: { clients: 2 }, $set: { locked: true } });
    const theirs = new RedisDriver((await connected()).commands);
    await eventually(async () => (await theirs.findOne({ roomId: "a" })).clients === 2);
    const seen = await theirs.findOne({ roomId: "a" });
    assert.deepEqual([seen.name, seen.processId, seen.locked], ["pair", "p1", true]);
    assert.equal(driver.remove("b"), true);
    await comesToList("a");
    driver.clear();
    await comesToList();
    assert.deepEqual([driver.rooms, reports], [[], []]);
  });

  it("[RD17] a room that is gone does not come back by a late change", async () => {
    const driver = await node();
    const gone = room("a");
    await driver.insert(gone);
    await comesToList("a");
    driver.remove("a");
    driver.update(gone, { $inc: { clients: -1 } });
    driver.persist(gone);
    await driver.insert(room("b"));
    await comesToList("b");
    for (let n = 0; n < 500; n++) {
      driver.persist(room(`c${n}`), true);
      driver.remove(`c${n}`);
    }
    driver.persist(room("d"), true);
    await comesToList("b", "d");
  });

  it("[RD18] nothing waits for Redis, whether it is there, gone or frozen", async () => {
    const driver = await node();
    for (const signal of ["SIGSTOP", "SIGKILL"] as const) {
      await server.kill(signal);
      const took = stopwatch();
      for (let n = 0; n < 300; n++) await driver.insert(room(`${signal}-${n}`));
      assert.equal((await driver.findByIds([`${signal}-7`])).size, 1);
      for (let n = 0; n < 300; n++) driver.remove(`${signal}-${n}`);
      assert.ok(took() < 200);
    }
    assert.deepEqual(reports, [], "an outage is said where it is noticed");
  });

  /** Until it was noticed. */
  async function freeze(): Promise<void> {
    await server.kill("SIGSTOP");
    await eventually(() => open.every((redis) => !redis.isThere()));
  }

  for (const [fault, inflict] of [
    ["killed, and back empty", () => server.restart({ empty: true })],
    ["killed, and back with what it knew", () => server.restart()],
    ["frozen for a while", freeze],
    ["emptied while it runs", () => server.cli("flushall")],
    ["told by somebody to forget one of many", () => server.cli("hdel", "roomcaches", "r150")],
    ["full", () => server.cli("config", "set", "maxmemory", "1")],
  ] as const) {
    it(`[RD19] is what it should be again after Redis was ${fault}`, async () => {
      const driver = await node();
      const ids = Array.from({ length: 250 }, (_, n) => `r${n + 100}`);
      for (const id of ids) await driver.insert(room(id));
      await comesToList(...ids);
      await inflict();
      const [gone = "", ...rest] = ids;
      driver.remove(gone);
      await driver.insert(room("new"));
      if (fault === "frozen for a while") await server.kill("SIGCONT");
      if (fault === "full") await server.cli("config", "set", "maxmemory", "0");
      await comesToList("new", ...rest);
    });
  }

  it("[RD19] a change that Redis had no room for is made when it has", async () => {
    const driver = await node();
    const full = room("a");
    await driver.insert(full);
    await comesToList("a");
    await server.cli("config", "set", "maxmemory", "1");
    driver.update(full, { $set: { clients: 7 } });
    await eventually(() => reports.length === 1);
    assert.match(await server.cli("hget", "roomcaches", "a"), /"clients":0/);
    await server.cli("config", "set", "maxmemory", "0");
    await eventually(async () => (await server.cli("hget", "roomcaches", "a")).includes('"clients":7'));
  });

  it("[RD19] goes on when something else holds its place, or one entry is nonsense", async () => {
    const driver = await node();
    await driver.insert(room("a"));
    await comesToList("a");
    await server.cli("hset", "roomcaches", "a", "{nonsense");
    await driver.insert(room("b"));
    await eventually(() => reports.length === 1);
    await server.cli("del", "roomcaches");
    await server.cli("set", "roomcaches", "x");
    await driver.insert(room("c"));
    driver.remove("b");
    assert.deepEqual(
      driver.rooms.map(({ roomId }) => roomId),
      ["a", "c"],
    );
    await server.cli("del", "roomcaches");
    await comesToList("a", "c");
    assert.equal(reports.length, 1, "said once a minute");
  });

  it("[RD20] who leaves takes its rooms back, and nobody else's; a dead Redis does not keep it", async () => {
    const [first, second] = [await node(), await node()];
    await first.insert(room("a", "p1"));
    await second.insert(room("b", "p2"));
    await comesToList("a", "b");
    await first.shutdown();
    assert.deepEqual(await listed(), ["b"]);
    await server.kill("SIGSTOP");
    const took = stopwatch();
    await second.shutdown();
    assert.ok(took() < 1000);
    await server.kill("SIGCONT");
  });

  it("[RD20] rooms of processes that nobody knows are forgotten", async () => {
    const killed = await node({ checkMs: never });
    await killed.insert(room("a", "killed"));
    await comesToList("a");
    const other = await node({ checkMs: never });
    await other.insert(room("b", "lives"));
    await comesToList("a", "b");
    const sweeper = await node({ sweepMs: 20, living: ["lives"], checkMs: never });
    await sweeper.insert(room("c", "sweeps"));
    await comesToList("b", "c");
  });

  it("[RD18] a room disposes in order while Redis is gone, and what lives is listed when it is back empty", async () => {
    const disposed: string[] = [];
    class Quiet extends Room {
      override autoDispose = false;
      override onDispose(): void {
        disposed.push(this.roomId);
      }
    }
    const driver = await node({ checkMs: never });
    await matchMaker.setup(new LocalPresence(), driver);
    matchMaker.defineRoomType("quiet", Quiet);
    await matchMaker.accept();
    try {
      const [stays, goes] = [await matchMaker.createRoom("quiet", {}), await matchMaker.createRoom("quiet", {})];
      await comesToList(...[stays.roomId, goes.roomId].sort());
      await server.kill();
      const begun = await matchMaker.createRoom("quiet", {});
      await matchMaker.getLocalRoomById(goes.roomId).disconnect();
      assert.deepEqual(disposed, [goes.roomId]);
      await server.restart({ empty: true });
      await comesToList(...[stays.roomId, begun.roomId].sort());
    } finally {
      await matchMaker.gracefullyShutdown();
    }
    await driver.shutdown();
    assert.deepEqual([await listed(), disposed.length], [[], 3]);
  });
});

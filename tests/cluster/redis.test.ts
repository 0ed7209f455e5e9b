import assert from "node:assert/strict";
import { Cluster } from "../support/cluster.ts";
import type { Conversation } from "../support/conversation.ts";
import { eventually } from "../support/embedded.ts";
import { LyingRedis } from "../support/lying-redis.ts";
import { Phone } from "../support/phone.ts";
import { describeWithRedis, type TestRedis } from "../support/redis.ts";
import { underFault } from "./faults.ts";

/** Longest that a pair may go without an answer while something is wrong with Redis and nothing else. */
const PAUSE_MS = 2500;

const BALLAST_BYTES = 4096;

describeWithRedis("Redis in every trouble", function () {
  this.timeout(90_000);
  let cluster: Cluster;
  let redis: TestRedis;
  before(async () => {
    cluster = await Cluster.create({ redis: true });
    assert.ok(cluster.redis);
    redis = cluster.redis;
  });
  afterEach(async () => {
    await cluster.heal();
    await cluster.whole();
  });
  after(() => cluster?.remove());

  /** Nobody who talks is kept waiting, and who comes for the first time comes in. */
  async function goesOn(talk: Conversation): Promise<void> {
    await talk.goesOn(20, 20 * PAUSE_MS);
    const twins = await cluster.entrance.pairUp();
    const [ada, bea] = await Promise.all([
      Phone.join(cluster.node(0).server, twins.ada),
      Phone.join(cluster.node(1).server, twins.bea),
    ]);
    await ada.say("without it");
    assert.equal((await bea.hears("chat.message")).message.text, "without it");
    await Promise.all([ada.leave(), bea.leave()]);
  }

  async function withRedis(fault: string, trouble: (talk: Conversation) => Promise<void>): Promise<void> {
    const { gaps } = await underFault(cluster, { fault, invariant: "P6" }, trouble);
    assert.ok(Math.max(0, ...gaps) <= PAUSE_MS, `${Math.max(...gaps)} ms`);
  }

  it("[P6] Redis killed: everybody talks on, new pairs too, and it is taken back when it returns", () =>
    withRedis("Redis killed", async (talk) => {
      await redis.kill("SIGKILL");
      await assert.rejects(redis.cli("ping"));
      await goesOn(talk);
      assert.equal((await cluster.node(0).server.call("GET", "/health")).body.services.redis, "unavailable");
      await redis.restart();
      await eventually(isConnected, 20_000);
      await talk.goesOn();
    }));

  it("[P6] Redis restarted empty", () =>
    withRedis("Redis restarted empty", async (talk) => {
      await redis.restart({ empty: true });
      await goesOn(talk);
      await eventually(isConnected, 20_000);
    }));

  it("[P6] everything in Redis deleted under everybody's hands (FLUSHALL)", () =>
    withRedis("Redis FLUSHALL", async (talk) => {
      for (let n = 0; n < 5; n++) {
        assert.equal(await redis.cli("flushall"), "OK");
        await talk.goesOn(3);
      }
      await goesOn(talk);
    }));

  it("[P6] Redis frozen", () =>
    withRedis("Redis frozen", async (talk) => {
      await redis.kill("SIGSTOP");
      try {
        await goesOn(talk);
      } finally {
        await redis.kill("SIGCONT");
      }
      await eventually(isConnected, 20_000);
    }));

  it("[P6] Redis out of memory: it takes no more writes", () =>
    withRedis("Redis out of memory", async (talk) => {
      await redis.cli("config", "set", "maxmemory-policy", "noeviction");
      await redis.cli("set", "ballast", "x".repeat(BALLAST_BYTES));
      await redis.cli("config", "set", "maxmemory", "1");
      try {
        await assert.rejects(redis.cli("set", "more", "x"), /OOM/);
        await goesOn(talk);
      } finally {
        await redis.cli("config", "set", "maxmemory", "0");
        await redis.cli("del", "ballast");
      }
    }));

  it("[P6] no node reaches Redis", () =>
    withRedis("Redis out of reach", async (talk) => {
      for (const { wires } of cluster.nodes) await wires.toRedis?.refuse();
      await goesOn(talk);
      await cluster.heal();
      await eventually(isConnected, 20_000);
    }));

  it("[P6] one node hears nothing from Redis, and is not told so", () =>
    withRedis("Redis silent to one node", async (talk) => {
      const { toRedis } = cluster.node(0).wires;
      assert.ok(toRedis);
      const before = toRedis.heldBytes;
      toRedis.hold("back");
      await goesOn(talk);
      await eventually(() => toRedis.heldBytes > before);
      await toRedis.heal();
    }));

  it("[P6] Redis 300 ms away", () =>
    withRedis("Redis slow (300 ms)", async (talk) => {
      for (const { wires } of cluster.nodes) wires.toRedis?.delay(300);
      await goesOn(talk);
      await cluster.heal();
    }));

  it("[P6] a Redis that lies: wrong answers to all that it is asked, and messages that nobody sent", async () => {
    const liar = await LyingRedis.start();
    const lying = await Cluster.create({ nodes: 2, env: { REDIS_URL: `redis://127.0.0.1:${liar.port}` } });
    try {
      const of = { fault: "Redis answers wrongly", invariant: "P6" };
      await underFault(lying, of, async (talk) => {
        await talk.goesOn(20);
        assert.ok(liar.lies > 0 && liar.inventions > 0, "it was asked, and listened to");
      });
    } finally {
      await lying.remove();
      await liar.stop();
    }
  });

  const isConnected = async () => {
    const all = await Promise.all(cluster.nodes.map(({ server }) => server.call("GET", "/health")));
    return all.every(({ body }) => body.services.redis === "connected");
  };
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Cluster, type ClusterNode } from "../support/cluster.ts";
import { eventually } from "../support/embedded.ts";
import { Phone } from "../support/phone.ts";
import type { Direction } from "../support/tcp-proxy.ts";
import { underFault } from "./faults.ts";

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;
const SHIFTED_CLOCK = join(import.meta.dirname, "../support/shifted-clock.ts");

/** Longer than anybody waits before it thinks somebody dead. */
const LONG_MS = 3000;

describe("the ways between nodes, in every trouble, without any Redis", function () {
  this.timeout(90_000);
  let cluster: Cluster;
  before(async () => {
    cluster = await Cluster.create({ isWired: true });
  });
  afterEach(async () => {
    await cluster.heal();
    await cluster.start();
  });
  after(() => cluster?.remove());

  async function underCut(fault: string, hurt: (owner: ClusterNode) => Promise<void> | void): Promise<void> {
    const of = { fault, invariant: "P2, P3, P4" };
    await underFault(cluster, of, async (talk) => {
      const [pair] = talk.pairs;
      assert.ok(pair);
      const owner = await cluster.settledOwnerOf(pair.pairId);
      await hurt(owner);
      // Somebody knocks elsewhere, so that the owner is asked for.
      const knocking = { deviceId: "knocking" };
      for (const { server } of cluster.others(owner)) {
        void server.call("POST", "/api/v1/room/seat", pair.ada.accessToken, knocking).catch(() => undefined);
      }
      await wait(LONG_MS);
      await cluster.heal();
      await talk.goesOn();
      await cluster.whole();
    });
  }

  it("[P4] no other node reaches an owner that lives: its pairs wait or move, and nothing forks", async () => {
    let cutOff = 0;
    await underCut("no node reaches the owner: refused", async ({ wires }) => {
      await wires.fromOthers.refuse();
      ({ cutOff } = wires.fromOthers);
    });
    assert.ok(cutOff > 0, "there were connections to cut");
  });

  const lossy: readonly [Direction, string][] = [
    ["both", "half-open"],
    ["there", "nothing arrives"],
    ["back", "no answer arrives"],
  ];
  for (const [direction, what] of lossy) {
    it(`[P3] [P4] the way to an owner falls silent (${what}): nothing is lost, doubled or forked when it returns`, async () => {
      let held = () => 0;
      await underCut(`no node reaches the owner: ${what}`, ({ wires }) => {
        const before = wires.fromOthers.heldBytes;
        held = () => wires.fromOthers.heldBytes - before;
        wires.fromOthers.hold(direction);
      });
      assert.ok(held() > 0, "something was held");
    });
  }

  it("[P3] connections between nodes that break again and again cost a new try each, and no word", async () => {
    const of = { fault: "connections between nodes cut", invariant: "P2, P3", runs: 10 };
    await underFault(cluster, of, async (talk) => {
      for (let cut = 0; cut < 10; cut++) {
        for (const { wires } of cluster.nodes) wires.fromOthers.cut();
        await talk.goesOn(1);
      }
      assert.ok(cluster.nodes.some(({ wires }) => wires.fromOthers.cutOff > 0));
    });
  });

  it("[P3] nodes 60 ms from each other are slow and nothing else", async () => {
    await underFault(cluster, { fault: "nodes 60 ms apart", invariant: "P3, P4" }, async (talk) => {
      for (const { wires } of cluster.nodes) wires.fromOthers.delay(60);
      await talk.goesOn(5);
      await cluster.heal();
    });
  });
});

describe("the ways between nodes, with a Redis that both reach", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  before(async () => {
    cluster = await Cluster.create({ nodes: 2, redis: true, isWired: true });
  });
  after(() => cluster?.remove());

  it("[CU9] two nodes that are cut off from each other go on by way of Redis", async () => {
    const [owner, other] = [cluster.node(0), cluster.node(1)];
    const twins = await cluster.entrance.pairUp();
    const bea = await Phone.join(owner.server, twins.bea);
    const before = await Phone.join(other.server, twins.ada, { deviceId: "by TCP" });
    await before.say("by TCP");
    for (const { wires } of cluster.nodes) wires.fromOthers.hold("both");
    const ada = await comesBack(other);
    await ada.say("by Redis");
    await bea.hears("chat.message", ({ message }) => message.text === "by Redis");
    assert.equal(await cluster.ownerOf(twins.pairId), owner, "nobody took the pair over");
    await cluster.heal();
    await Promise.all([before, ada, bea].map((phone) => phone.leave()));

    /** However often it has to ask: the way that led there has to be given up first. */
    async function comesBack({ server }: ClusterNode): Promise<Phone> {
      for (;;) {
        try {
          return await Phone.join(server, twins.ada, { deviceId: "by Redis" });
        } catch {
          await wait(100);
        }
      }
    }
  });
});

describe("nodes that do not fit together", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let stranger: Server;
  const misfits = () => [
    { CLUSTER_KEY: "x".repeat(64) },
    { NODE_ADDRESS: "127.0.0.1:1" },
    { NODE_ADDRESS: addressOf(stranger) },
  ];
  before(async () => {
    stranger = createServer((_, response) => response.end("hello, I am somebody else")).listen(0, "127.0.0.1");
    await once(stranger, "listening");
    cluster = await Cluster.make({ nodes: 5, envOf: (n) => misfits()[n - 2] ?? {} });
    await Promise.all([cluster.node(0).server.start(), cluster.node(1).server.start()]);
  });
  after(async () => {
    await cluster?.remove();
    stranger.closeAllConnections();
    stranger.close();
  });

  /** It is not ready and says why; those that fit go on without it. */
  async function isLeftOut({ server }: ClusterNode, says: RegExp): Promise<void> {
    server.launch();
    await eventually(() => says.test(server.log()), 20_000);
    assert.equal(await server.isReady(), false);
    const twins = await cluster.node(0).server.pairUp();
    const [ada, bea] = [
      await Phone.join(cluster.node(0).server, twins.ada),
      await Phone.join(cluster.node(1).server, twins.bea),
    ];
    await ada.say("without the third");
    await bea.hears("chat.message");
    await Promise.all([ada.leave(), bea.leave()]);
    assert.equal(await server.isReady(), false);
    await server.end("SIGKILL");
  }

  it("[FA10] a node with another CLUSTER_KEY is not ready, says so, and disturbs nobody", () =>
    isLeftOut(cluster.node(2), /CLUSTER_KEY/));

  it("[FA10] a node whose NODE_ADDRESS leads nowhere is not ready, and says that the others find no way to it", () =>
    isLeftOut(cluster.node(3), /finds no way to this node's NODE_ADDRESS 127\.0\.0\.1:1/));

  it("[FA10] a node at whose address somebody else answers is not ready, and says so", () =>
    isLeftOut(cluster.node(4), new RegExp(`finds no way to this node's NODE_ADDRESS ${addressOf(stranger)}`)));
});

describe("machines that do not agree about the time", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  before(async () => {
    const shifts = [0, 10 * MINUTE_MS, -10 * YEAR_MS];
    cluster = await Cluster.create({ envOf: (n) => shifted(shifts[n] ?? 0) });
  });
  after(() => cluster?.remove());

  const shifted = (ms: number) => ({ NODE_OPTIONS: `--import ${SHIFTED_CLOCK}`, SHIFT_MS: String(ms) });

  it("[P2] [P3] [P4] [FA11] ten minutes and ten years apart they serve one history, in the database's time", async () => {
    for (const n of [1, 2])
      assert.match(cluster.node(n).server.log(), /this machine's clock and the database's differ/);
    await underFault(cluster, { fault: "clocks 10 min and 10 years apart", invariant: "P3, P4" }, async (talk) => {
      const [pair] = talk.pairs;
      assert.ok(pair);
      const twins = await cluster.entrance.pairUp();
      for (const { server } of cluster.nodes) {
        const ada = await Phone.join(server, twins.ada, { deviceId: String(server.port) });
        const { sentAt } = await ada.say("now");
        const { seq } = await ada.ask("chat.send", { key: "the same everywhere", text: "once for ever" });
        assert.equal(seq, 2);
        assert.ok(Math.abs(Date.parse(sentAt) - Date.now()) < 5000, sentAt);
        await ada.leave();
      }
      await (await cluster.settledOwnerOf(pair.pairId)).server.end("SIGKILL");
      await talk.goesOn(3);
    });
  });
});

function addressOf(server: Server): string {
  const address = server.address();
  return typeof address === "object" ? `127.0.0.1:${address?.port}` : "";
}

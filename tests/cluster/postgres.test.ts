import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { Cluster } from "../support/cluster.ts";
import type { Conversation } from "../support/conversation.ts";
import { eventually } from "../support/embedded.ts";
import type { Entrance } from "../support/entrance.ts";
import { ServedPostgres } from "../support/served-postgres.ts";
import type { Direction } from "../support/tcp-proxy.ts";
import { underFault } from "./faults.ts";

const SMALL_DISK_MB = 160;

describe("PostgreSQL, and the way to it, in every trouble", function () {
  this.timeout(120_000);
  let cluster: Cluster;
  before(async () => {
    cluster = await Cluster.create({ redis: true });
  });
  afterEach(async () => {
    await cluster.heal();
    await cluster.whole();
  });
  after(() => cluster?.remove());

  const firstOwner = (talk: Conversation) => {
    const [pair] = talk.pairs;
    assert.ok(pair);
    return cluster.settledOwnerOf(pair.pairId);
  };

  for (const how of ["fast", "immediate", "kill"] as const) {
    it(`[P1] PostgreSQL restarted (${how}) under load: what was acknowledged is there, and talk goes on by itself`, async () => {
      const fault = `PostgreSQL restarted: ${how}`;
      await underFault(cluster, { fault, invariant: "P1-P5" }, async (talk) => {
        const began = await startOf(cluster.postgres);
        await cluster.postgres.restart(how);
        assert.notEqual(await startOf(cluster.postgres), began);
        await talk.goesOn();
        await cluster.whole();
      });
    });
  }

  it("[P1] [FA8] while PostgreSQL is gone no node is ready, and nothing is acknowledged", async () => {
    await underFault(cluster, { fault: "PostgreSQL gone for a while", invariant: "P1, P5" }, async (talk) => {
      await cluster.postgres.stop("immediate");
      await eventually(() => cluster.balancer.ready.length === 0);
      const health = await cluster.node(0).server.call("GET", "/health");
      assert.deepEqual([health.status, health.body.services.database], [200, "unavailable"]);
      assert.ok(await talk.isSilent(1000));
      await cluster.postgres.start();
      await cluster.whole();
      await talk.goesOn();
    });
  });

  it("[P1] [P5] PostgreSQL frozen for three seconds: what it may have done is found out, not guessed", async () => {
    await underFault(cluster, { fault: "PostgreSQL frozen, 3 s", invariant: "P1-P5" }, async (talk) => {
      cluster.postgres.freeze();
      try {
        await eventually(() => talk.isSilent(2500));
      } finally {
        cluster.postgres.thaw();
      }
      await talk.goesOn();
    });
  });

  it("[P1] a way to PostgreSQL of 60 ms more is slow and nothing else", async () => {
    await underFault(cluster, { fault: "PostgreSQL 60 ms further away", invariant: "P1-P5" }, async (talk) => {
      for (const { wires } of cluster.nodes) wires.toPostgres.delay(60);
      const began = performance.now();
      await talk.goesOn(5);
      assert.ok(performance.now() - began > 5 * 120, "each takes there and back");
      await cluster.heal();
    });
  });

  it("[P4] [P5] [FA8] a node that PostgreSQL refuses is not ready and acknowledges nothing; who comes anew is served elsewhere; it comes back by itself", async () => {
    const of = { fault: "owner cut off from PostgreSQL: refused", invariant: "P4, P5", pairs: 1 };
    await underFault(cluster, of, async (talk) => {
      const [pair] = talk.pairs;
      assert.ok(pair);
      const owner = await cluster.settledOwnerOf(pair.pairId);
      const [other] = cluster.others(owner);
      assert.ok(other);
      await owner.wires.toPostgres.refuse();
      await eventually(async () => !(await owner.server.isReady()));
      assert.equal((await post(owner.server, pair.ada.accessToken)).status, 503);
      assert.ok(owner.wires.toPostgres.cutOff > 0);
      // Its beat grows old first.
      await eventually(async () => (await post(other.server, pair.ada.accessToken)).status === 201);
      assert.equal(await cluster.ownerOf(pair.pairId), other);
      await owner.wires.toPostgres.heal();
      await talk.goesOn();
      await cluster.whole();
    });
  });

  const lossy: readonly [Direction, string][] = [
    ["both", "half-open"],
    ["there", "nothing arrives"],
    ["back", "no answer arrives"],
  ];
  for (const [direction, what] of lossy) {
    it(`[P4] [P7] the way from an owner to PostgreSQL is silent (${what}): its pairs go on elsewhere, and nothing forks when it returns`, async () => {
      const fault = `owner cut off from PostgreSQL: ${what}`;
      await underFault(cluster, { fault, invariant: "P2, P4, P5" }, async (talk) => {
        const { server, wires } = await firstOwner(talk);
        const before = wires.toPostgres.heldBytes;
        wires.toPostgres.hold(direction);
        await eventually(async () => !(await server.isReady(1500)));
        await talk.goesOn();
        assert.ok(wires.toPostgres.heldBytes > before);
        // What was held arrives now: appends of somebody who is owner no more.
        await wires.toPostgres.heal();
        await talk.goesOn();
        await cluster.whole();
      });
    });
  }

  it("[P4] a pair's row held by somebody's transaction makes that pair wait, and no other", async () => {
    const of = { fault: "a pair's row held by another transaction", invariant: "P2, P4" };
    await underFault(cluster, of, async (talk) => {
      const [held, ...free] = talk.pairs;
      const letGo = await cluster.postgres.holding("select 1 from pair_rooms where pair_id = $1 for update", [
        held?.pairId,
      ]);
      const before = acknowledgedIn(talk, held?.pairId);
      const goals = free.map(({ pairId }) => [pairId, acknowledgedIn(talk, pairId) + 20] as const);
      await eventually(() => goals.every(([pairId, goal]) => acknowledgedIn(talk, pairId) >= goal));
      // What was under way when the row was taken may still have been answered.
      assert.ok(acknowledgedIn(talk, held?.pairId) - before <= 4);
      await wait(2500);
      await letGo();
      await talk.goesOn();
    });
  });

  it("[P1] [FA8] no connection to be had: nothing is acknowledged that is not stored, and all goes on once there is room", async () => {
    await underFault(cluster, { fault: "PostgreSQL out of connections", invariant: "P1, P5" }, async (talk) => {
      const looking = await cluster.postgres.connect();
      const crowd = await cluster.postgres.crowd();
      const cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'twinship'";
      const noneIsReady = () => cluster.balancer.ready.length === 0;
      try {
        // A node may be quicker than the crowd to what became free: cut again, until the crowd has all there is.
        await eventually(async () => {
          if (noneIsReady() && (await talk.isSilent(1000)) && noneIsReady()) return true;
          await looking.query(cut);
          await wait(100);
          return false;
        }, 60_000);
        assert.ok(noneIsReady());
        assert.ok(crowd.taken() > 50);
      } finally {
        await crowd.leave();
        await looking.end();
      }
      await cluster.whole();
      await talk.goesOn();
    });
  });
});

describe("PostgreSQL on a small disk", function () {
  this.timeout(120_000);

  it("[P1] [FA9] a full disk refuses what it cannot keep, and keeps what it took", async function () {
    const postgres = await ServedPostgres.startOnSmallDisk(SMALL_DISK_MB);
    if (!postgres) {
      console.log("      !!! NOT RUN: only root can give PostgreSQL a small disk");
      return this.skip();
    }
    const cluster = await Cluster.create({ nodes: 2, postgres });
    try {
      await underFault(cluster, { fault: "disk full", invariant: "P1, P5", pairs: 2 }, async (talk) => {
        const makeRoom = postgres.fillDisk();
        await eventually(() => talk.isSilent(700), 60_000);
        assert.match(postgres.log(), /No space left on device/);
        makeRoom();
        // It gave up for good if its log had no room; somebody starts it again, as they would.
        if (!(await postgres.answers())) await postgres.restart("immediate");
        await cluster.whole();
        await talk.goesOn();
      });
    } finally {
      await cluster.remove();
    }
  });
});

const acknowledgedIn = (talk: Conversation, pairId: string | undefined): number =>
  talk.talkers.filter(({ pair }) => pair === pairId).reduce((sum, { acknowledged }) => sum + acknowledged, 0);

const post = (at: Entrance, token: string) =>
  at.call("POST", "/api/v1/messages", token, { clientMessageId: "posted", text: "while it is cut off" });

async function startOf(postgres: ServedPostgres): Promise<string> {
  const [row] = await postgres.query<{ at: string }>("select pg_postmaster_start_time()::text as at");
  return row?.at ?? "";
}

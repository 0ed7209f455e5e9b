import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import type { Cluster, ClusterNode } from "../support/cluster.ts";
import type { Conversation } from "../support/conversation.ts";
import { eventually } from "../support/embedded.ts";
import type { Random } from "../support/random.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";

/** Faults of one place can be had one at a time; those of several at once. */
type Place = "processes" | "PostgreSQL" | "the way to PostgreSQL" | "Redis" | "the ways between nodes";

/** Whose owners are hurt. */
type Talk = Pick<Conversation, "pairs">;

export interface ChaosFault {
  readonly name: string;
  readonly invariant: string;
  readonly place: Place;
  readonly times: number;
  /** Leaves its own place whole. */
  inject(cluster: Cluster, talk: Talk, random: Random): Promise<void>;
}

export const KILLS: ChaosFault = {
  name: "kill -9 of an owner",
  invariant: "P1-P5, P7, P10",
  place: "processes",
  times: 6,
  async inject(cluster, talk, random) {
    for (let kill = 0; kill < KILLS.times; kill++) {
      const owner = await anOwner(cluster, talk, random);
      await wait(random.below(300));
      await cluster.kill(owner);
      await wait(random.below(500));
      await revive(cluster, owner);
      await cluster.whole();
    }
  },
};

export const OTHERS: readonly [ChaosFault, ...ChaosFault[]] = [
  {
    name: "SIGSTOP of an owner, 1-10 s",
    invariant: "P4, P7",
    place: "processes",
    times: 1,
    async inject(cluster, talk, random) {
      const { server } = await anOwner(cluster, talk, random);
      server.signal("SIGSTOP");
      await wait(1000 + random.below(9000));
      server.signal("SIGCONT");
    },
  },
  {
    name: "a node restarted in good order",
    invariant: "P9",
    place: "processes",
    times: 1,
    async inject(cluster, talk, random) {
      const owner = await anOwner(cluster, talk, random);
      assert.equal(await owner.server.end(random.pick(["SIGTERM", "SIGINT"])), 0);
      await revive(cluster, owner);
    },
  },
  ...(["fast", "immediate", "kill"] as const).map(
    (how): ChaosFault => ({
      name: `PostgreSQL restarted: ${how}`,
      invariant: "P1-P5",
      place: "PostgreSQL",
      times: 1,
      async inject(cluster, _talk, random) {
        await cluster.postgres.stop(how);
        await wait(random.below(1000));
        await cluster.postgres.start();
      },
    }),
  ),
  {
    name: "PostgreSQL frozen, 0.5-4 s",
    invariant: "P1-P5",
    place: "PostgreSQL",
    times: 1,
    async inject(cluster, _talk, random) {
      cluster.postgres.freeze();
      await wait(500 + random.below(3500));
      cluster.postgres.thaw();
    },
  },
  {
    name: "every connection to PostgreSQL ended",
    invariant: "P1-P5",
    place: "PostgreSQL",
    times: 5,
    async inject(cluster, _talk, random) {
      for (let time = 0; time < 5; time++) {
        await cluster.postgres.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'twinship'",
        );
        await wait(random.below(500));
      }
    },
  },
  {
    name: "a pair's row held by another transaction",
    invariant: "P2, P4",
    place: "PostgreSQL",
    times: 1,
    async inject(cluster, talk, random) {
      const held = talk.pairs[random.below(talk.pairs.length)]?.pairId;
      const letGo = await cluster.postgres.holding("select 1 from pair_rooms where pair_id = $1 for update", [held]);
      await wait(500 + random.below(3000));
      await letGo();
    },
  },
  hurtWire("an owner cut off from PostgreSQL", "P2, P4, P5", "the way to PostgreSQL", ({ wires }) => wires.toPostgres),
  hurtWire("no node reaches an owner", "P2, P3, P4", "the ways between nodes", ({ wires }) => wires.fromOthers),
  hurtWire("a node cut off from Redis", "P6", "Redis", ({ wires }) => wires.toRedis),
  {
    name: "Redis killed, frozen or emptied",
    invariant: "P6",
    place: "Redis",
    times: 1,
    async inject({ redis }, _talk, random) {
      const trouble = random.pick(["restart", "empty", "flush", "freeze"]);
      if (trouble === "restart") await redis?.restart();
      if (trouble === "empty") await redis?.restart({ empty: true });
      if (trouble === "flush") await redis?.cli("flushall");
      if (trouble !== "freeze") return;
      await redis?.kill("SIGSTOP");
      await wait(500 + random.below(3000));
      await redis?.kill("SIGCONT");
    },
  },
];

/** Some way or other, for a while; then whole again, with what was held back or without. */
function hurtWire(
  name: string,
  invariant: string,
  place: Place,
  wireOf: (node: ClusterNode) => TcpProxy | undefined,
): ChaosFault {
  return {
    name,
    invariant,
    place,
    times: 1,
    async inject(cluster, talk, random) {
      const wire = wireOf(await anOwner(cluster, talk, random));
      const trouble = random.pick(["both", "there", "back", "refuse", "delay", "cut"]);
      if (trouble === "refuse") await wire?.refuse();
      else if (trouble === "delay") wire?.delay(20 + random.below(200));
      else if (trouble === "cut") wire?.cut();
      else wire?.hold(trouble);
      await wait(500 + random.below(5000));
      if (random.percent(50)) wire?.cut();
      await wire?.heal();
    },
  };
}

async function anOwner(cluster: Cluster, talk: Talk, random: Random): Promise<ClusterNode> {
  const pair = talk.pairs[random.below(talk.pairs.length)];
  assert.ok(pair);
  let owner: ClusterNode | undefined;
  await eventually(async () => {
    // PostgreSQL itself may be the one in trouble.
    owner = await cluster.ownerOf(pair.pairId).catch(() => undefined);
    return owner !== undefined;
  }, 30_000);
  assert.ok(owner);
  return owner;
}

const STARTS = 5;

/** What it needs may itself be away for the moment. */
async function revive(cluster: Cluster, node: ClusterNode): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await cluster.revive(node);
    } catch (error) {
      if (tries === STARTS) throw error;
      await cluster.kill(node);
    }
  }
}

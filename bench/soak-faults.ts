import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import { OTHERS } from "../tests/cluster/chaos-faults.ts";
import type { PairedUp } from "../tests/support/entrance.ts";
import type { Random } from "../tests/support/random.ts";
import { LeanPhone } from "./cluster-phone.ts";
import type { SoakWorld } from "./soak-world.ts";

export interface SoakFault {
  readonly name: string;
  /** Leaves everything whole. */
  inject(world: SoakWorld, couples: readonly PairedUp[], random: Random): Promise<void>;
}

/** As many messages as no kernel between two processes keeps to itself. */
const FLOOD = { messages: 3000, atOnce: 100, letters: 2000, timeout: 60_000 };

/** Until it has read what the kernels had, and then that it was let go. */
const LET_GO_MS = 15_000;

const own: readonly SoakFault[] = [
  {
    name: "all phones cut off",
    async inject({ wire }) {
      wire.cut();
    },
  },
  {
    name: "a node killed (kill -9) and started again",
    async inject({ cluster, mortal }, _couples, random) {
      const node = mortal[random.below(mortal.length)];
      assert.ok(node);
      await cluster.kill(node);
      await wait(random.below(3000));
      await cluster.revive(node);
    },
  },
  {
    name: "a node restarted in good order (SIGTERM)",
    async inject({ cluster, mortal }, _couples, random) {
      const node = mortal[random.below(mortal.length)];
      assert.ok(node);
      assert.equal(await node.server.end("SIGTERM"), 0);
      await cluster.revive(node);
    },
  },
  {
    name: "Redis restarted empty",
    async inject({ cluster }) {
      await cluster.redis?.restart({ empty: true });
    },
  },
  { name: "a slow reader", inject: (world) => readSlowly(world) },
];

/** A process that is never killed must outlive all of them: what ends a node is ours to choose. */
const ENDS_A_NODE = /restarted in good order/;

/** Those above twice as often as each of the others. */
export const FAULTS: readonly SoakFault[] = [
  ...own,
  ...own,
  ...OTHERS.filter(({ name }) => !ENDS_A_NODE.test(name)).map(({ name, inject }) => ({
    name,
    inject: ({ cluster }: SoakWorld, pairs: readonly PairedUp[], random: Random) => inject(cluster, { pairs }, random),
  })),
];

/** Of a pair of its own: one says more than the other's phone, which has stopped reading, can be sent. */
async function readSlowly({ lasting, entrance }: SoakWorld): Promise<void> {
  const { ada, bea } = await entrance.pairUp();
  const { port } = lasting.server;
  const reader = new LeanPhone({ port, token: bea.accessToken, deviceId: "slow" });
  await reader.come();
  reader.stopReading();
  const speaker = await lasting.server.join(ada, { deviceId: "quick" });
  speaker.onMessage("*", () => undefined);
  try {
    await flood(speaker);
    reader.readOn();
    await Promise.race([reader.gone, wait(LET_GO_MS)]);
    assert.ok(!reader.isOpen, "who does not read is let go");
  } finally {
    reader.cut();
    speaker.connection.close();
  }
}

async function flood(speaker: Room): Promise<void> {
  const text = "x".repeat(FLOOD.letters);
  const { timeout } = FLOOD;
  for (let sent = 0; sent < FLOOD.messages; sent += FLOOD.atOnce) {
    const keys = Array.from({ length: FLOOD.atOnce }, (_, n) => `flood-${sent + n}`);
    await Promise.all(keys.map((key) => speaker.request("chat.send", { key, text }, { timeout })));
  }
}

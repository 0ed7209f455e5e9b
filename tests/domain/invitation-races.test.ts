import assert from "node:assert/strict";
import { LockMode } from "@mikro-orm/core";
import { deliveries } from "../../domain/deliveries.ts";
import { invitations } from "../../domain/invitations.ts";
import { LIMITS } from "../../domain/limits.ts";
import { linksUnder } from "../../domain/links.ts";
import { pairing } from "../../domain/pairing.ts";
import type { Caller } from "../../domain/ports.ts";
import { parse } from "../../domain/refusal.ts";
import { secrets } from "../../domain/secrets.ts";
import { Delivery } from "../../schema/entities/delivery.ts";
import { Invite } from "../../schema/wire/twins.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { chance } from "../../server/chance.ts";
import { RecordedJobs } from "../support/outbox.ts";
import { PairingWorld } from "../support/pairing-world.ts";

describe("an invitation that several people are at", () => {
  let world: PairingWorld;
  before(async () => {
    world = await PairingWorld.open(20);
  });
  after(() => world.close());
  beforeEach(() => {
    world.heard.length = 0;
  });

  /** As it is composed: what is sent is rows, whose reports move invitations on. */
  function composed() {
    const { clock } = world;
    const { database } = world.opened;
    const hidden = secrets(["for these tests only, and long enough"], chance);
    const outbox = deliveries({
      ...{ database, clock, chance, jobs: new RecordedJobs(), secrets: hidden },
      post: async (_message, id) => ({ providerId: id }),
      isSuppressed: async () => false,
      followers: [(em, after, news) => invited.follow(em, after, news)],
      keepsContents: () => false,
    });
    const deps = { database, clock, chance, limits: memoryLimits(LIMITS), notices: world.notices(), outbox };
    const links = linksUnder("https://twinship.test");
    const paired = pairing(deps);
    const invited = invitations({ ...deps, links, secrets: hidden, pairing: paired, isPossible: () => true });
    const invite = async (of: Caller) => {
      const { id, token } = await invited.invite(of, parse(Invite, { method: "email", email: "bea@example.org" }));
      assert.ok(token);
      return { id, token };
    };
    const statusOf = async (of: Caller, id: string) =>
      (await invited.list(of, { limit: 50 })).invitations.find((one) => one.id === id)?.status;
    return { invited, invite, statusOf };
  }

  /** Until so many transactions wait for somebody. */
  async function waiting(count: number): Promise<void> {
    const stuck = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while ((await world.sql(stuck)).length < count) await new Promise(setImmediate);
  }

  /** Each begins once the one before it waits for the row, which is free again when all of them do. */
  async function inLine<T>(id: string, ...works: (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> {
    const holder = await world.opened.pool.connect();
    try {
      await holder.query("begin");
      await holder.query("select from invitations where id = $1 for update", [id]);
      const begun: Promise<T>[] = [];
      for (const work of works) {
        const one = work();
        one.catch(() => undefined);
        begun.push(one);
        await waiting(begun.length);
      }
      await holder.query("commit");
      return await Promise.allSettled(begun);
    } finally {
      holder.release(true);
    }
  }

  const refusedFor = (answer: PromiseSettledResult<unknown> | undefined) =>
    answer?.status === "rejected" ? answer.reason.code : undefined;

  it("[IN5] taken back before somebody who accepts had their turn, it makes no pair", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const { invited, invite, statusOf } = composed();
    const { id, token } = await invite(ada);
    const answers = await inLine<unknown>(
      id,
      () => invited.cancel(ada, id as Parameters<typeof invited.cancel>[1]),
      () => invited.accept(bea, token),
    );
    assert.deepEqual(answers.map(refusedFor), [undefined, "GONE"]);
    assert.equal(await statusOf(ada, id), "cancelled");
    assert.equal(await world.pairing.activePair(ada.userId), null);
  });

  it("[IN5] accepted before it was taken back or declined, it stays accepted", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const { invited, invite, statusOf } = composed();
    const { id, token } = await invite(ada);
    const answers = await inLine<unknown>(
      id,
      () => invited.accept(bea, token),
      () => invited.cancel(ada, id as Parameters<typeof invited.cancel>[1]),
      () => invited.decline(undefined, token),
    );
    assert.deepEqual(answers.map(refusedFor), [undefined, "CONFLICT", "CONFLICT"]);
    assert.equal(await statusOf(ada, id), "accepted");
  });

  for (const [word, answer] of [
    ["accepts", "accepted"],
    ["declines", "declined"],
  ] as const)
    it(`[IN10] a report of its mail that comes while somebody ${word} stands in nobody's way`, async () => {
      const [ada, bea] = await world.people(2);
      assert.ok(ada && bea);
      const { invited, invite, statusOf } = composed();
      const { id, token } = await invite(ada);
      const held = Promise.withResolvers<void>();
      const answered = held.promise.then<unknown>(() =>
        word === "accepts" ? invited.accept(bea, token) : invited.decline(bea, token),
      );
      answered.catch(() => undefined);
      await world.opened.database.transaction(async (em, afterCommit) => {
        const row = await em.findOneOrFail(Delivery, { about: id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
        held.resolve();
        await waiting(1);
        const told = { state: "delivered", attempts: 1, reason: null, at: world.clock.now() } as const;
        await invited.follow(em, afterCommit, { deliveryId: row.id, about: id, channel: "email", ...told });
      });
      await answered;
      assert.equal(await statusOf(ada, id), answer);
      assert.deepEqual(
        // Which of two commits is heard of first, nobody promises.
        world.heard.filter((heard) => heard.startsWith(id)).toSorted(),
        [`${id} ${answer} to ${ada.userId}`, `${id} delivered to ${ada.userId}`].toSorted(),
      );
    });

  it("[IN6] what runs out is swept past whoever is at it", async () => {
    const [ada] = await world.people(1);
    assert.ok(ada);
    const { invited, invite } = composed();
    const [held, free] = [await invite(ada), await invite(ada)];
    world.clock.advance(168 * 60 * 60_000);
    const expired = () => world.heard.filter((heard) => heard.endsWith(` expired to ${ada.userId}`));
    const holder = await world.opened.pool.connect();
    try {
      await holder.query("begin");
      await holder.query("select from invitations where id = $1 for update", [held.id]);
      await invited.sweep();
      assert.deepEqual(expired(), [`${free.id} expired to ${ada.userId}`]);
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    await invited.sweep();
    assert.equal(expired().length, 2);
  });
});

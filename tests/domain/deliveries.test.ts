import assert from "node:assert/strict";
import fc from "fast-check";
import { Away, type DeliveryReport, deliveries } from "../../domain/deliveries.ts";
import { deliveryFigures } from "../../domain/delivery-figures.ts";
import type { DeliveryNews } from "../../domain/ports.ts";
import { secrets } from "../../domain/secrets.ts";
import { Undeliverable } from "../../domain/undeliverable.ts";
import { DeliveryFigures } from "../../schema/wire/delivery-figures.ts";
import type { Outgoing } from "../../schema/wire/letters.ts";
import { chance } from "../../server/chance.ts";
import { FakeClock } from "../support/accounts-world.ts";
import { RecordedJobs } from "../support/outbox.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";

const mail: Outgoing = {
  channel: "email",
  to: "Ada@Example.org",
  letter: { template: "verify_address", name: "Ada", link: "https://twinship.test/verify-email?token=t" },
};

/** A provider in the test's hands, and all there is of a delivery. */
class PostWorld {
  readonly clock = new FakeClock();
  readonly jobs = new RecordedJobs();
  readonly posted: string[] = [];
  readonly news: DeliveryNews[] = [];
  answer: (deliveryId: string) => Promise<{ providerId: string }> = async (id) => ({ providerId: `p-${id}` });
  isSuppressed = false;
  /** Whoever follows it has a bug. */
  breaks = false;
  readonly opened: TemporaryDatabase;
  readonly hidden = secrets(["for these tests only, and long enough"], chance);

  constructor(opened: TemporaryDatabase) {
    this.opened = opened;
  }

  deliveries(keepsContents = false, hidden = this.hidden) {
    return deliveries({
      database: this.opened.database,
      clock: this.clock,
      chance,
      jobs: this.jobs,
      secrets: hidden,
      post: async (_message, id) => {
        this.posted.push(id);
        return this.answer(id);
      },
      isSuppressed: async () => this.isSuppressed,
      followers: [
        async (_em, _after, news) => {
          if (this.breaks) throw new Error("a bug of whoever follows");
          this.news.push(news);
        },
      ],
      keepsContents: () => keepsContents,
    });
  }

  async sent(of = this.deliveries(), message = mail): Promise<string> {
    return this.opened.database.transaction((em) => of.send(em, message, { userId: null, about: "an invitation" }));
  }

  report(deliveryId: string, state: DeliveryReport, at = this.clock.now()): Promise<boolean> {
    return this.opened.database.transaction((em, after) =>
      this.deliveries().reported(em, after, { deliveryId }, { state, at }),
    );
  }

  async row(id: string): Promise<Record<string, unknown>> {
    const { rows } = await this.opened.pool.query("select * from deliveries where id = $1", [id]);
    return rows[0] ?? {};
  }
}

describe("what leaves for a person", () => {
  let opened: TemporaryDatabase;
  let world: PostWorld;
  before(async () => {
    opened = await temporaryDatabase();
  });
  after(() => opened.close());
  beforeEach(() => {
    world = new PostWorld(opened);
  });

  it("[DV1] is a row and a job of the transaction that asked for it, and nothing without it", async () => {
    const of = world.deliveries();
    const failed = opened.database.transaction(async (em) => {
      await of.send(em, mail, { userId: null });
      throw new Error("it was not to be");
    });
    await assert.rejects(failed, /not to be/);
    assert.equal((await opened.pool.query("select from deliveries")).rowCount, 0);
    const id = await world.sent(of);
    assert.equal((await world.row(id))["status"], "queued");
    assert.deepEqual(world.jobs.jobs.at(-1), { job: { what: "deliver", deliveryId: id }, afterMs: 0 });
  });

  it("[DV2] stands nowhere in the open: neither the address nor the words, and nothing of both once it has left", async () => {
    const of = world.deliveries();
    const id = await world.sent(of);
    assert.doesNotMatch(JSON.stringify(await world.row(id)), /ada@|example|verify-email/i);
    await of.deliver({ deliveryId: id });
    const { sealed, status, provider_id, attempts } = await world.row(id);
    assert.deepEqual([sealed, status, provider_id, attempts], [null, "sent", `p-${id}`, 1]);
  });

  it("[DV2] where nothing leaves the machine, what was said is kept to be looked at", async () => {
    const of = world.deliveries(true);
    const id = await world.sent(of);
    await of.deliver({ deliveryId: id });
    assert.notEqual((await world.row(id))["sealed"], null);
  });

  it("[DV3] is tried again after 5 s, 30 s and 5 min, and then has failed, as its sender hears", async () => {
    const of = world.deliveries();
    const id = await world.sent(of);
    world.answer = () => Promise.reject(new Error("their machine is on fire"));
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const before = world.jobs.jobs.length;
      await of.deliver({ deliveryId: id });
      waits.push(...world.jobs.jobs.slice(before).map(({ afterMs }) => afterMs));
    }
    assert.deepEqual(waits, [5_000, 30_000, 300_000]);
    const { status, attempts, reason } = await world.row(id);
    assert.deepEqual([status, attempts, reason], ["failed", 4, "Error"]);
    assert.deepEqual(
      world.news.map(({ state, attempts, about }) => [state, attempts, about]),
      [["failed", 4, "an invitation"]],
    );
    await of.deliver({ deliveryId: id });
    assert.equal(world.posted.length, 4, "and is not tried for ever");
  });

  it("[DV4] has failed at once where the provider says that it never will arrive", async () => {
    const of = world.deliveries();
    const id = await world.sent(of);
    world.answer = () => Promise.reject(new Undeliverable("no such mailbox"));
    await of.deliver({ deliveryId: id });
    const { status, reason } = await world.row(id);
    assert.deepEqual([status, reason], ["failed", "no such mailbox"]);
  });

  it("[DV5] waits for a provider that is away, and loses no attempt by it", async () => {
    const of = world.deliveries();
    const id = await world.sent(of);
    world.answer = () => Promise.reject(new Away(12_000));
    for (let n = 0; n < 9; n++) await of.deliver({ deliveryId: id });
    assert.equal(world.jobs.jobs.at(-1)?.afterMs, 12_000);
    const { status, attempts } = await world.row(id);
    assert.deepEqual([status, attempts], ["queued", 0]);
    world.answer = async (one) => ({ providerId: one });
    await of.deliver({ deliveryId: id });
    assert.equal((await world.row(id))["status"], "sent");
  });

  it("[DV6] is sent by one of those that come at once, and again only when nobody can be at it any more", async () => {
    const of = world.deliveries();
    const id = await world.sent(of);
    const under = Promise.withResolvers<{ providerId: string }>();
    world.answer = () => under.promise;
    const first = of.deliver({ deliveryId: id });
    while (world.posted.length === 0) await new Promise(setImmediate);
    await of.deliver({ deliveryId: id });
    assert.equal(world.posted.length, 1);
    assert.deepEqual(world.jobs.jobs.at(-1), { job: { what: "deliver", deliveryId: id }, afterMs: 60_000 });
    under.resolve({ providerId: "it" });
    await first;

    const crashed = await world.sent(of);
    world.answer = () => new Promise(() => undefined);
    void of.deliver({ deliveryId: crashed });
    while (world.posted.length === 1) await new Promise(setImmediate);
    world.clock.advance(60_001);
    world.answer = async (one) => ({ providerId: one });
    await of.deliver({ deliveryId: crashed });
    assert.equal((await world.row(crashed))["status"], "sent");
  });

  it("[DV6] is not sent again because whoever hears of it fails", async () => {
    const of = world.deliveries();
    const id = await world.sent(of);
    world.breaks = true;
    await assert.rejects(of.deliver({ deliveryId: id }), /a bug of whoever follows/);
    world.clock.advance(3_600_000);
    await of.deliver({ deliveryId: id });
    const { status, provider_id, sealed } = await world.row(id);
    assert.deepEqual([status, provider_id, sealed, world.posted.length], ["sent", `p-${id}`, null, 1]);
  });

  it("[DV3] has failed as well when every attempt ended with its process, and is not sent for ever", async () => {
    const of = world.deliveries();
    const id = await world.sent(of);
    world.answer = () => new Promise(() => undefined);
    for (let attempt = 1; attempt <= 4; attempt++) {
      void of.deliver({ deliveryId: id });
      while (world.posted.length < attempt) await new Promise(setImmediate);
      world.clock.advance(60_001);
    }
    await of.deliver({ deliveryId: id });
    const { status, reason, sealed } = await world.row(id);
    assert.deepEqual([status, reason, sealed], ["failed", "nobody knows whether it left", null]);
    assert.deepEqual([world.posted.length, world.news.map(({ state }) => state)], [4, ["failed"]]);
  });

  it("[DV7] goes to nobody who wants nothing of us any more", async () => {
    const of = world.deliveries();
    const id = await world.sent(of);
    world.isSuppressed = true;
    await of.deliver({ deliveryId: id });
    assert.deepEqual([(await world.row(id))["status"], world.posted.length], ["suppressed", 0]);
  });

  it("[DV8] only goes forward, whatever is reported late, twice or in any order", async () => {
    const words = fc.constantFrom<DeliveryReport>("sent", "delivered", "bounced", "failed", "opened", "clicked");
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 8 }), async (reports) => {
        const id = await world.sent();
        const seen: string[] = ["queued"];
        for (const state of reports) {
          await world.report(id, state);
          seen.push(String((await world.row(id))["status"]));
        }
        const rank = ["queued", "sending", "sent", "delivered", "bounced", "failed"];
        for (let n = 1; n < seen.length; n++)
          assert.ok(rank.indexOf(seen[n] ?? "") >= rank.indexOf(seen[n - 1] ?? ""), seen.join(" "));
        assert.ok(!(seen.includes("delivered") && seen.at(-1) === "failed"), seen.join(" "));
        const again = seen.at(-1);
        for (const state of reports) await world.report(id, state);
        if (!reports.includes("bounced"))
          assert.equal((await world.row(id))["status"], again, "repeats change nothing");
      }),
      { numRuns: 40 },
    );
  });

  it("[DV8] a report of something nobody knows is passed over", async () => {
    assert.equal(await world.report(crypto.randomUUID(), "delivered"), false);
  });

  it("[DV10] is counted by what it is and how it goes: what left, what arrived, what was opened, pressed and answered", async () => {
    const since = world.clock.now();
    await opened.pool.query("delete from deliveries");
    const [one, two] = [await world.sent(), await world.sent()];
    const lost = await world.sent();
    for (const id of [one, two]) await world.deliveries().deliver({ deliveryId: id });
    for (const state of ["delivered", "opened", "clicked"] as const) await world.report(one, state);
    await opened.database.transaction((em) => world.deliveries().answered(em, "an invitation"));
    await world.report(lost, "failed");
    await world.report(await world.sent(), "bounced");
    world.isSuppressed = true;
    await world.deliveries().deliver({ deliveryId: await world.sent() });
    const [figures, ...more] = await deliveryFigures(opened.database, since);
    assert.deepEqual(more, []);
    assert.deepEqual(DeliveryFigures.parse(figures), figures);
    assert.deepEqual(figures, {
      ...{ template: "verify_address", channel: "email", sent: 3, delivered: 1, bounced: 1, failed: 1 },
      ...{ opened: 1, clicked: 1, answered: 2, suppressed: 1, waiting: 0 },
    });
    assert.deepEqual(await deliveryFigures(opened.database, since + 1), []);
  });

  it("[DV9] is forgotten after ninety days", async () => {
    const id = await world.sent();
    world.clock.advance(90 * 86_400_000 - 1000);
    await world.deliveries().sweep();
    assert.equal((await world.row(id))["id"], id);
    world.clock.advance(2000);
    await world.deliveries().sweep();
    assert.deepEqual(await world.row(id), {});
  });

  it("[DV2] sealed under a secret that is gone, it fails and says why", async () => {
    const id = await world.sent();
    await world
      .deliveries(false, secrets(["another secret, and long enough as well"], chance))
      .deliver({ deliveryId: id });
    const { status, reason } = await world.row(id);
    assert.deepEqual([status, reason], ["failed", "sealed under a secret that is gone"]);
  });
});

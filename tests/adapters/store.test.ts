import assert from "node:assert/strict";
import type { Caller } from "../../domain/ports.ts";
import { nextReading } from "../../domain/subscriptions/readings.ts";
import type { Selling } from "../../domain/subscriptions/selling.ts";
import type { Subscription } from "../../domain/subscriptions/subscription.ts";
import { Undeliverable } from "../../domain/undeliverable.ts";
import { revenuecat } from "../../server/adapters/store/revenuecat.ts";
import { readConfig } from "../../server/config.ts";
import { createLogger } from "../../server/logger.ts";
import { openShop } from "../../server/store.ts";
import { code } from "../support/accounts-world.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, PremiumWorld } from "../support/premium-world.ts";
import { RevenuecatDouble } from "../support/revenuecat-double.ts";
import { Sink } from "../support/sink.ts";

const KEY = "sk_for_these_tests";
const WEEK_MS = 7 * DAY_MS;

describe("RevenueCat", function () {
  this.timeout(60_000);
  let world: PremiumWorld;
  let double: RevenuecatDouble;
  let selling: Selling;
  const said = new Sink();
  const log = createLogger("info", said);

  before(async () => {
    world = await PremiumWorld.open();
    double = await RevenuecatDouble.open(KEY, () => world.now);
  });
  after(async () => {
    await double.close();
    await world.close();
  });
  beforeEach(() => {
    double.double.got.length = 0;
    double.double.script.length = 0;
    selling = open();
    return world.sql("delete from store_readings");
  });

  const open = (): Selling => {
    const config = readConfig({ REVENUECAT_API_KEY: KEY, REVENUECAT_API_URL: double.double.url });
    return world.selling(openShop(config, log));
  };
  const iso = (at: number) => new Date(at).toISOString();
  const has = (who: Caller, until: number, fields: object = {}) =>
    double.has(who.userId, { twinship_monthly: { expires_date: iso(until), ...fields } });
  const look = async (who: Caller) => (await selling.subscriptions.look(who)).subscription;
  const hear = (event: object) => selling.subscriptions.hear(event);
  const proof = { productId: "twinship_monthly", platform: "ios" } as const;
  const dueOf = async (who: Caller): Promise<number | undefined> =>
    (await world.sql("select due_at from store_readings where user_id = $1", [who.userId]))
      .map(({ due_at: due }) => (due instanceof Date ? due.getTime() : undefined))
      .at(0);

  it("[RV5] an event is a hint: what counts is the provider's own record, read when the event comes", async () => {
    const [ada, bea] = [await world.person(), await world.person()];
    has(ada, world.now + 5 * DAY_MS, { unsubscribe_detected_at: iso(world.now) });
    await hear(world.event(ada.userId, "RENEWAL", { expiration_at_ms: world.now + 300 * DAY_MS }));
    await hear(world.event(bea.userId, "INITIAL_PURCHASE"));
    const { status, expiresDate, autoRenewing } = await look(ada);
    assert.deepEqual([status, expiresDate, autoRenewing], ["cancelled", iso(world.now + 5 * DAY_MS), false]);
    assert.equal((await look(bea)).isActive, false, "it has no record of that");
    assert.deepEqual(double.asked, [`GET /v1/subscribers/${ada.userId}`, `GET /v1/subscribers/${bea.userId}`]);
  });

  it("[RV5] every state of a record is one of ours", async () => {
    const past = iso(world.now - DAY_MS);
    const cases: readonly (readonly [string, object])[] = [
      ["active", {}],
      ["trial", { period_type: "trial" }],
      ["cancelled", { unsubscribe_detected_at: past }],
      [
        "grace",
        { expires_date: past, grace_period_expires_date: iso(world.now + DAY_MS), billing_issues_detected_at: past },
      ],
      ["on_hold", { expires_date: past, billing_issues_detected_at: past }],
      ["paused", { expires_date: past, auto_resume_date: iso(world.now + DAY_MS) }],
      ["expired", { expires_date: past }],
      ["refunded", { refunded_at: past }],
      ["expired", { expires_date: null }],
      ["expired", { expires_date: "9999-01-01T00:00:00Z" }],
      ["expired", { expires_date: "soon" }],
    ];
    for (const [expected, fields] of cases) {
      const ada = await world.person();
      has(ada, world.now + DAY_MS, fields);
      await selling.subscriptions.restore(ada, {});
      assert.equal((await look(ada)).status, expected, JSON.stringify(fields));
    }
  });

  it("[SB12] a record of a sandbox, or that does not say it is none, gives nothing where people pay", async () => {
    const ada = await world.person();
    const config = { REVENUECAT_API_KEY: KEY, REVENUECAT_API_URL: double.double.url };
    const shop = { ...openShop(readConfig(config), log), takesSandbox: false };
    for (const is_sandbox of [true, undefined, "no"]) {
      has(ada, world.now + DAY_MS, { is_sandbox });
      const paying = world.selling(shop);
      assert.equal((await paying.subscriptions.restore(ada, {})).isActive, false);
    }
    assert.equal(
      openShop(readConfig({ ...config, NODE_ENV: "production", ALLOW_EMBEDDED: "1" }), log).takesSandbox,
      false,
    );
  });

  it("[RV6] away for an hour, it leaves everybody what they have, and is asked again until it answers", async () => {
    const ada = await world.person();
    has(ada, world.now + DAY_MS);
    await selling.subscriptions.restore(ada, {});
    has(ada, world.now + 30 * DAY_MS);
    double.double.script.push({ status: 503 }, "cut", "half", { status: 500 }, { status: 502 });
    await hear(world.event(ada.userId, "RENEWAL"));
    assert.equal((await look(ada)).expiresDate, iso(world.now + DAY_MS));
    assert.equal(await dueOf(ada), world.now);
    for (let n = 0; n < 4; n++) {
      await selling.premiumUpkeep.read();
      world.world.clock.advance(10 * MINUTE_MS);
    }
    assert.match(said.text, /store: the provider is away; purchases wait for it/);
    const asked = double.asked.length;
    await selling.premiumUpkeep.read();
    assert.equal(double.asked.length, asked, "nobody asks while it is known to be away");
    world.world.clock.advance(HOUR_MS);
    selling = open();
    assert.equal(await selling.premiumUpkeep.read(), 1);
    assert.equal((await look(ada)).isActive, true);
    assert.ok(Date.parse((await look(ada)).expiresDate ?? "") > world.now + 28 * DAY_MS);
  });

  it("[RV6] who should have renewed meanwhile keeps premium for six hours; who cancelled, or could not pay, does not", async () => {
    const [ada, bea, cleo] = [await world.person(), await world.person(), await world.person()];
    const end = world.now + HOUR_MS;
    has(ada, end);
    has(bea, end, { unsubscribe_detected_at: iso(world.now) });
    has(cleo, end, { billing_issues_detected_at: iso(world.now) });
    for (const who of [ada, bea, cleo]) await selling.subscriptions.restore(who, {});
    const active = async () => [(await look(ada)).isActive, (await look(bea)).isActive, (await look(cleo)).isActive];
    const readInVain = async (at: number) => {
      world.world.clock.time = at;
      await world.sql("update store_readings set due_at = $1", [new Date(at)]);
      double.double.script.push({ status: 503 }, { status: 503 }, { status: 503 });
      await open().premiumUpkeep.read();
      double.double.script.length = 0;
    };
    await readInVain(end - 10 * MINUTE_MS);
    assert.deepEqual(await active(), [true, true, true]);
    world.world.clock.time = end;
    assert.deepEqual(await active(), [true, false, false]);
    await readInVain(end + 6 * HOUR_MS - 1);
    assert.deepEqual(await active(), [true, false, false]);
    world.world.clock.advance(1);
    assert.deepEqual(await active(), [false, false, false]);
    await readInVain(world.now);
    assert.deepEqual(await active(), [false, false, false]);
    has(ada, end + 30 * DAY_MS);
    assert.equal((await open().subscriptions.restore(ada, {})).status, "active");
  });

  it("[RV7] of two records of a person the later one counts, whichever is heard last", async () => {
    const ada = await world.person();
    const kept = Promise.withResolvers<{ status: number; body: object }>();
    double.double.script.push(kept.promise);
    const early = hear(world.event(ada.userId, "INITIAL_PURCHASE"));
    while (double.asked.length === 0) await new Promise(setImmediate);
    const before = world.now;
    world.world.clock.advance(1000);
    has(ada, world.now + DAY_MS);
    await selling.subscriptions.restore(ada, {});
    kept.resolve({ status: 200, body: { request_date_ms: before, subscriber: { subscriptions: {} } } });
    await early;
    assert.equal((await look(ada)).isActive, true);
  });

  it("[SB14] a purchase counts once its store confirms it: no makes it VALIDATION_ERROR, silence UNAVAILABLE", async () => {
    const ada = await world.person();
    double.sold("good", "twinship_monthly");
    await assert.rejects(
      selling.subscriptions.purchase(ada, { ...proof, purchaseToken: "forged" }),
      (error: unknown) => code("VALIDATION_ERROR")(error) && /purchaseToken/.test(String(error)),
    );
    for (const trouble of [
      { status: 503 },
      { status: 401 },
      { status: 429, headers: { "retry-after": "7" } },
      "cut",
    ] as const) {
      double.double.script.push(trouble);
      await assert.rejects(
        selling.subscriptions.purchase(ada, { ...proof, purchaseToken: "good" }),
        code("UNAVAILABLE"),
      );
    }
    assert.equal((await look(ada)).isActive, false);
    for (let n = 0; n < 2; n++) {
      const { subscription, isConfirmed } = await open().subscriptions.purchase(ada, {
        ...proof,
        purchaseToken: "good",
      });
      assert.deepEqual([subscription.isActive, isConfirmed], [true, true]);
    }
    const [receipt] = double.double.got.filter(({ method }) => method === "POST").toReversed();
    assert.deepEqual(JSON.parse(receipt?.body ?? ""), {
      ...{ app_user_id: ada.userId, fetch_token: "good", product_id: "twinship_monthly" },
    });
  });

  it("[SB15] restoring with a token has a purchase of another account here, and the other one loses it", async () => {
    const [ada, bea] = [await world.person(), await world.person()];
    double.sold("hers", "twinship_yearly");
    await selling.subscriptions.purchase(ada, { ...proof, productId: "twinship_yearly", purchaseToken: "hers" });
    const restored = await selling.subscriptions.restore(bea, { purchaseToken: "hers", platform: "android" });
    assert.deepEqual([restored.isActive, restored.productId], [true, "twinship_yearly"]);
    await hear(world.event("", "TRANSFER", { transferred_from: [ada.userId], transferred_to: [bea.userId] }));
    assert.deepEqual([(await look(ada)).isActive, (await look(bea)).isActive], [false, true]);
  });

  it("[SB16] who is about to end is read again before and at that moment, who is silent within a week", async () => {
    const ada = await world.person();
    const end = world.now + 2 * DAY_MS;
    has(ada, end);
    await selling.subscriptions.restore(ada, {});
    assert.equal(await dueOf(ada), end - 10 * MINUTE_MS);
    assert.equal(await selling.premiumUpkeep.read(), 0);
    world.world.clock.time = end - 10 * MINUTE_MS;
    assert.equal(await selling.premiumUpkeep.read(), 1);
    assert.equal(await dueOf(ada), end);
    has(ada, end + 30 * DAY_MS);
    world.world.clock.time = end;
    assert.equal(await selling.premiumUpkeep.read(), 1);
    assert.equal((await look(ada)).isActive, true);
    assert.equal(await dueOf(ada), end + WEEK_MS);
  });

  it("[SB16] who lapsed is looked for every quarter of an hour for a day, then by the week, and after 60 days no more", async () => {
    const one: Subscription = {
      ...{ transaction: "t", holder: (await world.person()).userId, productId: "twinship_monthly", store: "app_store" },
      ...{ isSandbox: false, isTrial: false, startedAt: 0, purchasedAt: 0, expiresAt: 0, graceEndsAt: null },
      ...{ renews: true, billingIssueAt: null, pauses: false, refundedAt: null, endedAt: null },
    };
    assert.equal(nextReading([one], HOUR_MS), HOUR_MS + 15 * MINUTE_MS);
    assert.equal(nextReading([one], 2 * DAY_MS), 9 * DAY_MS);
    assert.equal(nextReading([one], 61 * DAY_MS), null);
    assert.equal(nextReading([{ ...one, refundedAt: 1 }], HOUR_MS), null);
    assert.equal(nextReading([], 0), null);
  });

  it("[SB16] several processes read everybody once between them", async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => world.person()));
    for (const who of people) {
      has(who, world.now + DAY_MS);
      await selling.subscriptions.restore(who, {});
    }
    world.world.clock.advance(DAY_MS);
    double.double.got.length = 0;
    await Promise.all([open(), open(), open()].map((one) => one.premiumUpkeep.read()));
    const asked = double.asked.filter((line) => people.some(({ userId }) => line.endsWith(userId)));
    assert.equal(asked.length, 6);
  });

  it("[RV8] its answers are taken whole and as documented, within their time; its words are kept nowhere", async () => {
    const store = revenuecat({ apiKey: KEY, apiUrl: double.double.url, timeoutMs: 200 });
    const { userId } = await world.person();
    const odd = [{}, { request_date_ms: "x" }, { request_date_ms: 1, subscriber: null }, []];
    for (const body of odd) {
      double.double.script.push({ status: 200, body });
      await assert.rejects(store.record(userId), /does not document/);
    }
    for (const trouble of ["silence", "half", "cut", { status: 404, body: { message: "secret words" } }] as const) {
      double.double.script.push(trouble);
      await assert.rejects(store.record(userId), (error: unknown) => {
        assert.ok(error instanceof Error && !(error instanceof Undeliverable));
        return error.cause === undefined && !/secret words/.test(String(error.stack));
      });
    }
    double.double.script.push({ status: 302, headers: { location: `/v1/subscribers/${userId}` } });
    await assert.rejects(store.record(userId), /could not be reached/);
  });
});

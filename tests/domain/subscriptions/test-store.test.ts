import assert from "node:assert/strict";
import type { Caller } from "../../../domain/ports.ts";
import { parse } from "../../../domain/refusal.ts";
import { subscriptionFigures } from "../../../domain/subscriptions/figures.ts";
import type { Selling } from "../../../domain/subscriptions/selling.ts";
import { periodAfter } from "../../../domain/subscriptions/test-store.ts";
import { Purchase, type TestDeed, TestOrder } from "../../../schema/wire/subscriptions.ts";
import { code } from "../../support/accounts-world.ts";
import { DAY_MS, PremiumWorld } from "../../support/premium-world.ts";

describe("the store that is built in", function () {
  this.timeout(60_000);
  let world: PremiumWorld;
  let selling: Selling;
  before(async () => {
    world = await PremiumWorld.open();
    selling = world.selling({ isTestStoreOpen: true });
  });
  after(() => world.close());

  const look = async (who: Caller) => (await selling.subscriptions.look(who)).subscription;
  const order = async ({ userId }: Caller, deed: TestDeed, productId: Purchase["productId"] = "twinship_monthly") => {
    assert.ok(selling.storePage);
    await selling.storePage.testStore.order({ userId, deed, productId });
    world.world.clock.advance(1000);
  };
  const purchase = (who: Caller, purchaseToken: string) =>
    selling.subscriptions.purchase(who, { productId: "twinship_monthly", purchaseToken, platform: "ios" });

  it("[TS1] what is done at its counter counts at once, in every state there is", async () => {
    const ada = await world.person();
    const after = async (...deeds: readonly TestDeed[]) => {
      for (const deed of deeds) await order(ada, deed);
      const { status, isActive, autoRenewing } = await look(ada);
      return `${status} ${isActive ? "premium" : "free"}${autoRenewing ? ", renews" : ""}`;
    };
    assert.equal(await after("try"), "trial premium, renews");
    assert.equal(await after("renew"), "active premium, renews");
    assert.equal(await after("cancel"), "cancelled premium");
    assert.equal(await after("uncancel"), "active premium, renews");
    assert.equal(await after("fail"), "grace premium, renews");
    assert.equal(await after("renew"), "active premium, renews");
    assert.equal(await after("hold"), "on_hold free");
    assert.equal(await after("renew"), "active premium, renews");
    assert.equal(await after("pause"), "paused free");
    assert.equal(await after("renew"), "active premium, renews");
    assert.equal(await after("expire"), "expired free");
    assert.equal(await after("buy"), "active premium, renews");
    assert.equal(await after("refund"), "refunded free");
  });

  it("[TS1] deeds of one moment count in the order in which they were done", async () => {
    const ada = await world.person();
    assert.ok(selling.storePage);
    const { testStore } = selling.storePage;
    for (const deed of ["buy", "refund", "buy", "expire", "buy", "cancel", "uncancel"] as const)
      await testStore.order({ userId: ada.userId, deed, productId: "twinship_yearly" });
    assert.equal((await look(ada)).status, "active");
  });

  it("[TS2] nobody is sold a second one: who has one changes to the other plan", async () => {
    const ada = await world.person();
    await order(ada, "buy");
    await order(ada, "buy", "twinship_yearly");
    assert.equal((await look(ada)).productId, "twinship_yearly");
    assert.equal((await world.sql("select 1 from subscriptions where user_id = $1", [ada.userId])).length, 1);
  });

  it("[TS2] there is nothing to be done with what nobody has, nor for nobody", async () => {
    const ada = await world.person();
    await assert.rejects(order(ada, "cancel"), code("CONFLICT"));
    const [nobody] = await world.sql("select gen_random_uuid() as id");
    const stranger = { ...ada, userId: String(nobody?.["id"]) };
    assert.ok(selling.storePage);
    const { testStore, testStoreWindow } = selling.storePage;
    const form = parse(TestOrder, { userId: stranger.userId, deed: "buy", productId: "twinship_monthly" });
    await assert.rejects(testStore.order(form), code("NOT_FOUND"));
    const { customers, chosen, events } = await testStoreWindow.look({ user: ada.userId });
    assert.ok(customers.length > 0);
    assert.deepEqual([chosen?.userId, events], [ada.userId, []]);
    assert.deepEqual((await testStoreWindow.look({ email: "nobody at all" })).customers, []);
  });

  it("[TS3] a token is one purchase, however often it is shown; whoever shows it after has it from then on", async () => {
    const [ada, bea] = [await world.person(), await world.person()];
    const first = await purchase(ada, "token");
    assert.deepEqual(first, await purchase(ada, "token"));
    assert.deepEqual([first.isConfirmed, first.subscription.isActive], [true, true]);
    await Promise.all([purchase(ada, "twice"), purchase(ada, "twice")]);
    assert.equal((await selling.subscriptions.restore(bea, { purchaseToken: "token" })).isActive, true);
    assert.deepEqual([(await look(ada)).isActive, (await look(bea)).isActive], [false, true]);
    assert.equal((await selling.subscriptions.restore(ada, {})).isActive, false);
  });

  it("[TS4] a token that was declined, or that nobody bought anything with, is no purchase", async () => {
    const ada = await world.person();
    await assert.rejects(purchase(ada, "declined-1"), code("VALIDATION_ERROR"));
    await assert.rejects(selling.subscriptions.restore(ada, { purchaseToken: "never seen" }), code("VALIDATION_ERROR"));
    assert.equal((await look(ada)).isActive, false);
    for (const odd of [{ productId: "twinship_weekly" }, { purchaseToken: " " }, { platform: "windows" }, { price: 1 }])
      assert.throws(
        () => parse(Purchase, { productId: "twinship_monthly", purchaseToken: "t", platform: "ios", ...odd }),
        code("VALIDATION_ERROR"),
      );
  });

  it("[TS5] what it sold counts nowhere that people pay", async () => {
    const ada = await world.person();
    await order(ada, "buy");
    const paying = world.selling({ takesSandbox: false });
    assert.equal((await paying.subscriptions.look(ada)).subscription.isActive, false);
    assert.equal((await paying.entitlements.of(ada.userId)).size, 0);
  });

  it("[SB14] where nobody can be asked, a purchase changes nothing until an event tells of it", async () => {
    const ada = await world.person();
    const told = world.selling();
    const form = { productId: "twinship_monthly", purchaseToken: "t", platform: "ios" } as const;
    const { isConfirmed, subscription } = await told.subscriptions.purchase(ada, form);
    assert.deepEqual([isConfirmed, subscription.isActive], [false, false]);
    await told.subscriptions.hear(world.event(ada.userId, "INITIAL_PURCHASE"));
    assert.equal((await told.subscriptions.look(ada)).subscription.isActive, true);
  });

  it("[TS2] a month later is the same day, or the last one of a shorter month", () => {
    const ends = (from: string, product: Purchase["productId"]) =>
      new Date(periodAfter(Date.parse(from), product)).toISOString().slice(0, 10);
    assert.equal(ends("2026-06-15T12:00:00Z", "twinship_monthly"), "2026-07-15");
    assert.equal(ends("2026-01-31T12:00:00Z", "twinship_monthly"), "2026-02-28");
    assert.equal(ends("2026-12-31T12:00:00Z", "twinship_monthly"), "2027-01-31");
    assert.equal(ends("2028-02-29T12:00:00Z", "twinship_yearly"), "2029-02-28");
  });

  it("[SB17] how many there are of each kind, and how many came and went in thirty days, is counted", async () => {
    const own = await PremiumWorld.open();
    try {
      const { storePage, premiumUpkeep } = own.selling({ isTestStoreOpen: true });
      const [ada, bea, cleo] = [await own.person(), await own.person(), await own.person()];
      assert.ok(storePage);
      const serve = (who: Caller, deed: TestDeed) =>
        storePage.testStore.order({ userId: who.userId, deed, productId: "twinship_monthly" });
      await serve(ada, "buy");
      own.world.clock.advance(35 * DAY_MS);
      await premiumUpkeep.sweep();
      for (const [who, deed] of [
        [bea, "try"],
        [cleo, "buy"],
        [cleo, "refund"],
      ] as const)
        await serve(who, deed);
      const { statuses, changes } = await subscriptionFigures(own.world.opened.database, own.now - 30 * DAY_MS);
      assert.deepEqual(Object.fromEntries(statuses.map(({ status, count }) => [status, count])), {
        ...{ expired: 1, trial: 1, refunded: 1 },
      });
      assert.deepEqual(Object.fromEntries(changes.map(({ change, count }) => [change, count])), {
        started: 2,
        lost: 2,
      });
    } finally {
      await own.close();
    }
  });
});

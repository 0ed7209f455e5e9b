import assert from "node:assert/strict";
import type { Caller } from "../../../domain/ports.ts";
import { needEntitlement } from "../../../domain/subscriptions/premium.ts";
import { isPremium } from "../../../domain/subscriptions/subscription.ts";
import { timeline } from "../../../domain/subscriptions/timeline.ts";
import { code } from "../../support/accounts-world.ts";
import { DAY_MS, PremiumWorld } from "../../support/premium-world.ts";
import { Random } from "../../support/random.ts";
import { DEEDS, StoreLife } from "../../support/store-life.ts";

describe("what RevenueCat tells", function () {
  this.timeout(60_000);
  let world: PremiumWorld;
  before(async () => {
    world = await PremiumWorld.open();
  });
  after(() => world.close());

  const look = async (who: Caller, selling = world.selling()) => (await selling.subscriptions.look(who)).subscription;
  const hear = (event: object, selling = world.selling()) => selling.subscriptions.hear(event);
  const fateOf = async ({ event: { id } }: { event: { id: string } }) =>
    (await world.sql("select fate from subscription_events where id = $1", [id]))[0]?.["fate"];

  it("[RV1] counts once each, and ends the same in any order, doubled, through several processes at once", async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = new Random(seed);
      const [ada, bea] = [await world.person("Ada"), await world.person("Bea")];
      const life = new StoreLife(world.now);
      const real = new Map([
        [life.people[0], ada],
        [life.people[1], bea],
      ]);
      for (let n = 0; n < 14; n++)
        life.do(random.pick(DEEDS), 1 + random.below(20 * DAY_MS), random.pick(life.people), "twinship_monthly");
      const told = life.events.map(({ id, at, type, userId, toUserId, transaction, facts }) =>
        world.event(real.get(userId)?.userId ?? "", type, {
          ...{ id: `${seed} ${id}`, event_timestamp_ms: at },
          ...{ original_transaction_id: transaction && `${seed} ${transaction}`, transaction_id: null },
          ...{ expiration_at_ms: facts.expiresAt, grace_period_expiration_at_ms: facts.graceEndsAt },
          ...{ period_type: facts.isTrial ? "TRIAL" : "NORMAL", cancel_reason: facts.reason },
          transferred_from: [real.get(userId)?.userId],
          transferred_to: toUserId ? [real.get(toUserId)?.userId] : [],
        }),
      );
      const shuffled = [...told, ...told.slice(0, 5)].toSorted(() => random.below(3) - 1);
      const nodes = [world.selling(), world.selling()] as const;
      for (let n = 0; n < shuffled.length; n += 4)
        await Promise.all(shuffled.slice(n, n + 4).map((event) => hear(event, random.pick(nodes))));
      world.world.clock.time = life.now;
      const expected = timeline(life.events);
      for (const [whose, who] of real) {
        const has = expected.some((own) => own.holder === whose && isPremium(own, life.now));
        assert.equal((await look(who)).isActive, has, `seed ${seed}`);
      }
      const ids = new Set(told.map(({ event }) => event.id));
      const kept = await world.sql("select id from subscription_events where id like $1", [`${seed} %`]);
      assert.equal(kept.length, ids.size);
    }
  });

  it("[EN1] gives premium to the one it names, with all that it opens, and to nobody else", async () => {
    const [ada, bea] = [await world.person("Ada"), await world.person("Bea")];
    const selling = world.selling();
    assert.deepEqual([...(await selling.entitlements.of(ada.userId))], []);
    await hear(world.event(ada.userId, "INITIAL_PURCHASE"));
    const all = ["premium_features", "unlimited_assessments", "advanced_insights", "pdf_export"];
    assert.deepEqual([...(await selling.entitlements.of(ada.userId))], all);
    assert.deepEqual([...(await selling.entitlements.of(bea.userId))], []);
    await needEntitlement(selling.entitlements, ada.userId, "pdf_export");
    await assert.rejects(needEntitlement(selling.entitlements, bea.userId, "pdf_export"), code("PREMIUM_REQUIRED"));
    assert.deepEqual(await look(ada), {
      ...{ isActive: true, status: "active", productId: "twinship_monthly" },
      purchaseDate: new Date(world.now).toISOString(),
      expiresDate: new Date(world.now + 30 * DAY_MS).toISOString(),
      ...{ graceEndsDate: null, isTrialPeriod: false, autoRenewing: true, entitlements: all },
    });
  });

  it("[SB11] premium ends at its second, though no event says so and no job runs", async () => {
    const ada = await world.person();
    await hear(world.event(ada.userId, "INITIAL_PURCHASE", { expiration_at_ms: world.now + 3000 }));
    world.world.clock.advance(2999);
    assert.equal((await look(ada)).isActive, true);
    world.world.clock.advance(1);
    const after = await look(ada);
    assert.deepEqual([after.isActive, after.status, after.entitlements], [false, "expired", []]);
    assert.equal((await world.selling().entitlements.of(ada.userId)).size, 0);
  });

  it("[SB8] the job notes it within its minute, once, and the person's own phones are told", async () => {
    const ada = await world.person();
    await hear(world.event(ada.userId, "INITIAL_PURCHASE", { expiration_at_ms: world.now + 3000 }));
    world.world.clock.advance(3000);
    await world.selling().premiumUpkeep.sweep();
    await world.selling().premiumUpkeep.sweep();
    const rows = await world.sql("select status, changes_at, lost_at from subscriptions where user_id = $1", [
      ada.userId,
    ]);
    assert.deepEqual(rows, [{ status: "expired", changes_at: null, lost_at: new Date(world.now) }]);
    assert.deepEqual(world.toldTo(ada.userId), [true, false]);
    const audit = await world.sql("select action from audit_log where subject_id = $1 order by id", [ada.userId]);
    assert.deepEqual(
      audit.map(({ action }) => action),
      ["premium.given", "premium.ended"],
    );
  });

  it("[SB3] a failed payment of yesterday with three days of grace leaves premium, and the grace is forgotten when paid", async () => {
    const ada = await world.person();
    const ended = world.now - DAY_MS;
    await hear(world.event(ada.userId, "INITIAL_PURCHASE", { expiration_at_ms: ended }));
    const grace = world.now + 3 * DAY_MS;
    const failed = { expiration_at_ms: ended, grace_period_expiration_at_ms: grace };
    await hear(world.event(ada.userId, "BILLING_ISSUE", failed));
    const graced = await look(ada);
    assert.deepEqual([graced.status, graced.isActive], ["grace", true]);
    assert.equal(graced.graceEndsDate, new Date(grace).toISOString());
    await hear(world.event(ada.userId, "RENEWAL"));
    const { status, graceEndsDate } = await look(ada);
    assert.deepEqual([status, graceEndsDate], ["active", null]);
    const bea = await world.person();
    await hear(world.event(bea.userId, "EXPIRATION", { expiration_at_ms: ended, expiration_reason: "BILLING_ERROR" }));
    await hear(world.event(bea.userId, "BILLING_ISSUE", { expiration_at_ms: null }));
    assert.equal((await look(bea)).isActive, false);
  });

  it("[SB4] an end that is missing, no time, negative, a word or centuries away leaves the known one, or gives nothing", async () => {
    const in2090 = Date.UTC(2090, 0, 1);
    for (const end of [null, undefined, "1790000000000", -1, 0, 8e15, 253_402_300_799_000, in2090, {}, []]) {
      const [fresh, known] = [await world.person(), await world.person()];
      for (const type of ["INITIAL_PURCHASE", "RENEWAL"])
        await hear(world.event(fresh.userId, type, { expiration_at_ms: end }));
      assert.equal((await look(fresh)).isActive, false, String(end));
      await hear(world.event(known.userId, "INITIAL_PURCHASE"));
      const { expiresDate } = await look(known);
      await hear(world.event(known.userId, "RENEWAL", { expiration_at_ms: end }));
      const { isActive, expiresDate: still } = await look(known);
      assert.deepEqual([isActive, still], [true, expiresDate], String(end));
    }
  });

  it("[RV2] what tells of nobody or nothing of ours is noted with its reason, and gives nobody anything", async () => {
    const ada = await world.person();
    const [gone] = await world.sql("select gen_random_uuid() as id");
    const foreign = world.event("$RCAnonymousID:1", "INITIAL_PURCHASE", { original_app_user_id: null, aliases: null });
    const nobody = world.event(String(gone?.["id"]), "INITIAL_PURCHASE");
    const product = world.event(ada.userId, "INITIAL_PURCHASE", { product_id: "other_app_monthly" });
    const app = world.event(ada.userId, "INITIAL_PURCHASE", { app_id: "somebody else's" });
    for (const event of [foreign, nobody, product]) await hear(event);
    await hear(app, world.selling({ appIds: ["app1234"] }));
    const fates = [await fateOf(foreign), await fateOf(nobody), await fateOf(product), await fateOf(app)];
    assert.deepEqual(fates, ["unknown_person", "unknown_person", "unknown_product", "other_app"]);
    assert.equal((await look(ada)).isActive, false);
    assert.deepEqual(world.toldTo(ada.userId), []);
  });

  it("[RV2] a name that only stands among the aliases is the person's too, however it is written", async () => {
    const ada = await world.person();
    const names = { app_user_id: "$RCAnonymousID:2", original_app_user_id: "$RCAnonymousID:2" };
    await hear(world.event("", "INITIAL_PURCHASE", { ...names, aliases: [ada.userId.toUpperCase()] }));
    assert.equal((await look(ada)).isActive, true);
  });

  it("[SB12] what was bought in a sandbox gives nothing where people pay, nor what was left there by trying things out", async () => {
    const [ada, bea] = [await world.person(), await world.person()];
    const sandbox = { environment: "SANDBOX" };
    const bought = world.event(ada.userId, "INITIAL_PURCHASE", sandbox);
    const paying = world.selling({ takesSandbox: false });
    await hear(bought, paying);
    assert.equal(await fateOf(bought), "sandbox");
    await hear(world.event(bea.userId, "INITIAL_PURCHASE", sandbox));
    for (const who of [ada, bea]) {
      assert.equal((await look(who, paying)).isActive, false);
      assert.equal((await paying.entitlements.of(who.userId)).size, 0);
    }
    assert.equal((await look(bea)).isActive, true);
  });

  it("[RV3] what is no event is refused by its fields; a test event and kinds we have no word for are taken", async () => {
    const ada = await world.person();
    for (const nonsense of [null, [], {}, 7, { event: null }, { event: {} }, { event: { id: "", type: "RENEWAL" } }])
      await assert.rejects(hear(Object(nonsense)), code("VALIDATION_ERROR"));
    await hear(world.event(ada.userId, "TEST"));
    await hear(world.event(ada.userId, "SOMETHING_OF_NEXT_YEAR"));
    await hear({ event: { id: "bare", type: "INITIAL_PURCHASE" } });
    const odd = { store: 7, period_type: {}, aliases: "x", event_timestamp_ms: "soon", transaction_id: [], app_id: {} };
    await hear(world.event(ada.userId, "INITIAL_PURCHASE", { ...odd, original_transaction_id: null }));
    assert.equal((await look(ada)).isActive, true);
  });

  it("[RV4] an event of an account that was deleted meanwhile gives nobody anything", async () => {
    const ada = await world.person();
    await hear(world.event(ada.userId, "INITIAL_PURCHASE"));
    await world.sql("update users set status = 'deleted' where id = $1", [ada.userId]);
    const late = world.event(ada.userId, "RENEWAL", { expiration_at_ms: world.now + 60 * DAY_MS });
    await hear(late);
    assert.equal(await fateOf(late), "unknown_person");
  });

  it("[SB6] a transfer moves premium from one account to the other, both hear of it, and nobody has it twice", async () => {
    const [ada, bea] = [await world.person(), await world.person()];
    await hear(world.event(ada.userId, "INITIAL_PURCHASE"));
    const moved = world.event("", "TRANSFER", {
      ...{ transferred_from: ["$RCAnonymousID:3", ada.userId], transferred_to: [bea.userId] },
      ...{ app_user_id: null, original_app_user_id: null, aliases: null, product_id: null },
      ...{ transaction_id: null, original_transaction_id: null, expiration_at_ms: null },
    });
    await hear(moved);
    assert.deepEqual([(await look(ada)).isActive, (await look(bea)).isActive], [false, true]);
    assert.deepEqual([world.toldTo(ada.userId), world.toldTo(bea.userId)], [[true, false], [true]]);
    const away = world.event("", "TRANSFER", { transferred_from: [bea.userId], transferred_to: ["$RCAnonymousID:4"] });
    await hear(away);
    assert.deepEqual([(await look(ada)).isActive, (await look(bea)).isActive], [false, false]);
  });

  it("[SB6] a renewal under another name moves premium as well, though the transfer itself was never told", async () => {
    const [ada, bea] = [await world.person(), await world.person()];
    const same = { transaction_id: "moved", original_transaction_id: "moved" };
    await hear(world.event(ada.userId, "INITIAL_PURCHASE", same));
    await hear(world.event(bea.userId, "RENEWAL", same));
    assert.deepEqual([(await look(ada)).isActive, (await look(bea)).isActive], [false, true]);
  });

  it("[SB13] whoever's premium it is hears of it on their own phones, and only when they see something else by it", async () => {
    const ada = await world.person();
    await hear(world.event(ada.userId, "INITIAL_PURCHASE"));
    await hear(world.event(ada.userId, "INVOICE_ISSUANCE"));
    const rows = await world.sql("select news from notices where news->>'userId' = $1", [ada.userId]);
    assert.deepEqual(
      rows.map(({ news }) => Object(news).what),
      ["subscription.changed"],
    );
    assert.deepEqual(world.toldTo(ada.userId), [true]);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { plans, productOf } from "../../../domain/subscriptions/plans.ts";
import {
  bestOf,
  changesAt,
  isPremium,
  type Subscription,
  statusOf,
} from "../../../domain/subscriptions/subscription.ts";
import { type EventFacts, type StoreEvent, timeline } from "../../../domain/subscriptions/timeline.ts";
import { DAY_MS, DEEDS, person, StoreLife } from "../../support/store-life.ts";

const start = Date.UTC(2026, 5, 15, 12);
const [ada, bea] = [person(1), person(2)];

const lives = fc.array(
  fc.record({
    deed: fc.constantFrom(...DEEDS),
    afterMs: fc.integer({ min: 1, max: 40 * DAY_MS }),
    whose: fc.constantFrom(0, 1),
    product: fc.constantFrom("twinship_monthly" as const, "twinship_yearly" as const),
  }),
  { minLength: 1, maxLength: 24 },
);

type Lived = typeof lives extends fc.Arbitrary<infer Deeds> ? Deeds : never;

function lived(deeds: Lived): StoreLife {
  const life = new StoreLife(start);
  for (const { deed, afterMs, whose, product } of deeds) life.do(deed, afterMs, life.people[whose] ?? ada, product);
  return life;
}

const byTransaction = (all: readonly Subscription[]) =>
  all.toSorted((a, b) => (a.transaction < b.transaction ? -1 : 1));

const premiumOf = (all: readonly Subscription[], whose: string, at: number) =>
  all.some((one) => one.holder === whose && isPremium(one, at));

type Telling = readonly [string, Partial<EventFacts>?, Partial<StoreEvent>?];

/** What is told of one purchase, a day apart unless said otherwise. */
const told = (...all: readonly Telling[]): StoreEvent[] =>
  all.map(([type, facts, event], n) => ({
    id: `e${n}`,
    at: start + n * DAY_MS,
    type,
    userId: ada,
    toUserId: null,
    transaction: "t1",
    productId: "twinship_monthly",
    store: "PLAY_STORE",
    isSandbox: false,
    facts: { purchasedAt: start, expiresAt: null, graceEndsAt: null, isTrial: false, reason: null, ...facts },
    ...event,
  }));

const after = (days: number) => start + days * DAY_MS;

function statusAt(at: number, ...all: readonly Telling[]): string {
  const [one] = timeline(told(...all));
  assert.ok(one);
  return statusOf(one, at);
}

describe("what becomes of a subscription", () => {
  it("[SB1] a provider's events end in the same state in any order, doubled and delayed, as in order", () => {
    fc.assert(
      fc.property(lives, fc.infiniteStream(fc.nat()), (deeds, choices) => {
        const { events } = lived(deeds);
        const pick = (below: number) => (choices.next().value ?? 0) % Math.max(1, below);
        const doubled = [...events, ...events.filter(() => pick(3) === 0)];
        const shuffled: StoreEvent[] = [];
        while (doubled.length > 0) shuffled.push(...doubled.splice(pick(doubled.length), 1));
        assert.deepEqual(byTransaction(timeline(shuffled)), byTransaction(timeline(events)));
      }),
      { numRuns: 1000 },
    );
  });

  it("[SB1] and that state gives premium when the store itself would, to each person, at every moment from then on", () => {
    fc.assert(
      fc.property(lives, (deeds) => {
        const life = lived(deeds);
        const all = timeline(life.events);
        for (const at of life.moments())
          for (const whose of life.people)
            assert.equal(premiumOf(all, whose, at), life.isPremium(whose, at), `${whose} at ${at - start}`);
      }),
      { numRuns: 1000 },
    );
  });

  it("[SB2] premium from the purchase to the end of what is paid for: cancelling changes that end in nothing", () => {
    const bought = ["INITIAL_PURCHASE", { expiresAt: after(30) }] as const;
    assert.equal(statusAt(after(1), bought), "active");
    const tried = ["INITIAL_PURCHASE", { expiresAt: after(7), isTrial: true }] as const;
    assert.equal(statusAt(after(1), tried), "trial");
    assert.equal(statusAt(after(8), tried, ["RENEWAL", { expiresAt: after(37) }]), "active");
    const gone = [bought, ["CANCELLATION", { expiresAt: after(30), reason: "UNSUBSCRIBE" }]] as const;
    assert.equal(statusAt(after(30) - 1, ...gone), "cancelled");
    assert.equal(statusAt(after(30), ...gone), "expired");
    assert.equal(statusAt(after(2), ...gone, ["UNCANCELLATION"]), "active");
  });

  it("[SB3] a failed payment keeps premium until the end of the store's grace, and without one until the period's end", () => {
    const bought = ["INITIAL_PURCHASE", { expiresAt: after(30) }] as const;
    const graced = [bought, ["BILLING_ISSUE", { expiresAt: after(30), graceEndsAt: after(33) }]] as const;
    assert.equal(statusAt(after(29), ...graced), "active");
    assert.equal(statusAt(after(33) - 1, ...graced), "grace");
    assert.equal(statusAt(after(33), ...graced), "on_hold");
    assert.equal(statusAt(after(30), bought, ["BILLING_ISSUE"]), "on_hold");
    assert.equal(statusAt(after(34), ...graced, ["RENEWAL", { expiresAt: after(60) }]), "active");
    assert.equal(statusAt(after(61), ...graced, ["RENEWAL", { expiresAt: after(60) }]), "expired", "no grace is left");
    assert.equal(statusAt(after(3), bought, ["EXPIRATION"], ["BILLING_ISSUE"]), "expired");
    assert.equal(statusAt(after(34), ...graced, ["EXPIRATION", { reason: "BILLING_ERROR" }]), "expired");
  });

  it("[SB4] no event gives premium without an end: an end that was not told leaves the one that is known", () => {
    assert.equal(statusAt(after(1), ["INITIAL_PURCHASE"]), "expired");
    assert.equal(statusAt(after(1), ["RENEWAL"]), "expired");
    const bought = ["INITIAL_PURCHASE", { expiresAt: after(30) }] as const;
    assert.equal(statusAt(after(30) - 1, bought, ["RENEWAL"]), "active");
    assert.equal(statusAt(after(30), bought, ["RENEWAL"]), "expired");
    assert.equal(statusAt(after(2), ["NON_RENEWING_PURCHASE", { expiresAt: after(30) }]), "cancelled");
  });

  it("[SB5] what was paid back, paused or said to be over gives nothing; what is bought again does", () => {
    const bought = ["INITIAL_PURCHASE", { expiresAt: after(30) }] as const;
    const paidBack = ["CANCELLATION", { reason: "CUSTOMER_SUPPORT" }] as const;
    assert.equal(statusAt(after(2), bought, paidBack), "refunded");
    assert.equal(statusAt(after(2), bought, paidBack, ["REFUND_REVERSED"]), "cancelled");
    assert.equal(statusAt(after(2), bought, paidBack, ["RENEWAL", { expiresAt: after(60) }]), "active");
    assert.equal(statusAt(after(2), bought, ["SUBSCRIPTION_PAUSED"]), "active");
    assert.equal(statusAt(after(31), bought, ["SUBSCRIPTION_PAUSED"]), "paused");
    assert.equal(statusAt(after(2), bought, ["EXPIRATION", { reason: "SUBSCRIPTION_PAUSED" }]), "paused");
    assert.equal(statusAt(after(2), bought, ["EXPIRATION", { expiresAt: after(30) }]), "expired");
    assert.equal(statusAt(after(2), bought, ["EXPIRATION"], ["RENEWAL", { expiresAt: after(60) }]), "active");
  });

  it("[SB1] of events of one moment, an end goes before the purchase that follows it", () => {
    const at = start;
    const both = told(["RENEWAL", { expiresAt: after(60) }, { at }], ["EXPIRATION", { expiresAt: after(0) }, { at }]);
    for (const events of [both, both.toReversed()]) {
      const [one] = timeline(events);
      assert.ok(one && isPremium(one, after(1)));
    }
  });

  it("[SB6] a transfer takes along whatever one had, and what renews later stays with its new holder", () => {
    const [bought, moved, renewed] = told(
      ["INITIAL_PURCHASE", { expiresAt: after(30) }],
      ["TRANSFER", {}, { toUserId: bea, transaction: null, productId: null }],
      ["RENEWAL", { expiresAt: after(60) }, { userId: bea }],
    );
    assert.ok(bought && moved && renewed);
    for (const events of [
      [bought, moved, renewed],
      [renewed, moved, bought],
    ]) {
      const all = timeline(events);
      assert.deepEqual([premiumOf(all, ada, after(3)), premiumOf(all, bea, after(3))], [false, true]);
      assert.equal(all.length, 1);
    }
    assert.equal(timeline([{ ...moved, toUserId: null }, bought])[0]?.holder, ada);
    assert.equal(timeline([bought, renewed])[0]?.holder, bea, "also when we never heard of the transfer itself");
  });

  it("[SB7] an event that names no purchase is about the person's latest one of that product", () => {
    const all = timeline(
      told(
        ["INITIAL_PURCHASE", { expiresAt: after(30) }, { transaction: null }],
        ["CANCELLATION", { reason: "UNSUBSCRIBE" }, { transaction: null }],
        ["EXPIRATION", {}, { transaction: null, productId: "twinship_yearly" }],
      ),
    );
    assert.deepEqual(
      all.map((one) => statusOf(one, after(3))),
      ["cancelled", "expired"],
    );
  });

  it("[SB7] what we have no word for, or what is of no product of ours, changes nothing", () => {
    const bought = ["INITIAL_PURCHASE", { expiresAt: after(30) }] as const;
    for (const type of ["PRODUCT_CHANGE", "INVOICE_ISSUANCE", "constructor", "__proto__", ""])
      assert.equal(statusAt(after(2), bought, [type]), "active", type);
    assert.deepEqual(timeline(told(["RENEWAL", { expiresAt: after(30) }, { productId: null }])), []);
  });

  it("[SB8] the clock alone takes each subscription from state to state, at moments that are known before", () => {
    const [one] = timeline(
      told(["INITIAL_PURCHASE", { expiresAt: after(30) }], ["BILLING_ISSUE", { graceEndsAt: after(33) }]),
    );
    assert.ok(one);
    assert.deepEqual(
      [changesAt(one, after(2)), changesAt(one, after(30)), changesAt(one, after(33))],
      [after(30), after(33), null],
    );
  });

  it("[SB9] of several subscriptions the one counts that gives premium the longest, or else that ended last", () => {
    const [first, second] = timeline(
      told(
        ["INITIAL_PURCHASE", { expiresAt: after(365) }, { productId: "twinship_yearly" }],
        ["INITIAL_PURCHASE", { expiresAt: after(30) }, { transaction: "t2" }],
        ["CANCELLATION", { reason: "CUSTOMER_SUPPORT" }],
      ),
    );
    assert.ok(first && second);
    assert.equal(bestOf([first, second], after(3)), second);
    assert.equal(bestOf([first, second], after(31)), first);
    assert.equal(bestOf([], start), undefined);
  });

  it("[SB10] two plans, 9.99 USD a month and 59.99 USD a year, which saves 59.89 USD or 50 %", () => {
    assert.deepEqual(
      plans.map(({ productId, price, currency, pricePerMonth, savings }) => ({
        ...{ productId, price, currency, pricePerMonth, savings },
      })),
      [
        { productId: "twinship_monthly", price: 9.99, currency: "USD", pricePerMonth: 9.99, savings: null },
        {
          ...{ productId: "twinship_yearly", price: 59.99, currency: "USD", pricePerMonth: 5 },
          savings: { amount: 59.89, percent: 50 },
        },
      ],
    );
  });

  it("[SB7] Google's name of a product, with its base plan behind it, is the product's", () => {
    assert.equal(productOf("twinship_monthly:monthly-base"), "twinship_monthly");
    for (const name of ["twinship_weekly", "x:twinship_monthly", "", null, undefined])
      assert.equal(productOf(name), undefined);
  });
});

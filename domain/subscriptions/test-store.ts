import { createHash } from "node:crypto";
import type { EntityManager } from "@mikro-orm/core";
import { Subscription as Row } from "../../schema/entities/subscription.ts";
import { SubscriptionEvent } from "../../schema/entities/subscription-event.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { ProductId, TestDeed, TestOrder } from "../../schema/wire/subscriptions.ts";
import type { AfterCommit, Chance, Clock, Database } from "../ports.ts";
import { Refusal } from "../refusal.ts";
import type { Holdings } from "./holdings.ts";
import { isNews } from "./ledger.ts";
import { monthsOf } from "./plans.ts";
import { factsOf } from "./rows.ts";
import { noPurchase } from "./store-answers.ts";
import { bestOf, isPremium, type Subscription } from "./subscription.ts";
import type { EventFacts, StoreEvent } from "./timeline.ts";

const DAY_MS = 86_400_000;
const TRIAL_MS = 7 * DAY_MS;
const GRACE_MS = 3 * DAY_MS;

/** A token that begins so was never paid for: for trying out what an app does then. */
const DECLINED = /^declined/i;

export interface TestStoreDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly holdings: Holdings;
}

export type TestStore = ReturnType<typeof testStore>;

type Event = Pick<StoreEvent, "type"> & Partial<Omit<StoreEvent, "facts">> & { readonly facts?: Partial<EventFacts> };

/** What a deed makes of the subscription that somebody has now. */
type Tells = (one: Subscription, now: number) => Event;

/** As RevenueCat would tell of it. */
const TELLS: Readonly<Record<Exclude<TestDeed, "buy" | "try">, Tells>> = {
  renew: ({ productId, expiresAt }, now) => ({
    type: "RENEWAL",
    facts: { expiresAt: periodAfter(Math.max(now, expiresAt ?? 0), productId) },
  }),
  cancel: () => ({ type: "CANCELLATION", facts: { reason: "UNSUBSCRIBE" } }),
  uncancel: () => ({ type: "UNCANCELLATION" }),
  fail: (_one, now) => ({ type: "BILLING_ISSUE", facts: { expiresAt: now, graceEndsAt: now + GRACE_MS } }),
  hold: (_one, now) => ({ type: "BILLING_ISSUE", facts: { expiresAt: now, graceEndsAt: now } }),
  pause: (_one, now) => ({ type: "SUBSCRIPTION_PAUSED", facts: { expiresAt: now } }),
  expire: (_one, now) => ({ type: "EXPIRATION", facts: { expiresAt: now, reason: "UNSUBSCRIBE" } }),
  refund: () => ({ type: "CANCELLATION", facts: { reason: "CUSTOMER_SUPPORT" } }),
};

/** A store where everything is free: it tells of purchases in the words of the real one, and is heard by the same rules. */
export function testStore({ database, clock, chance, holdings }: TestStoreDeps) {
  /** After everything it told before, whatever the clock says. */
  async function timeFor(em: EntityManager): Promise<number> {
    const [last] = await em.find(SubscriptionEvent, { provider: "test" }, { orderBy: { at: "desc" }, limit: 1 });
    return Math.max(clock.now(), (last?.at.getTime() ?? 0) + 1);
  }

  async function tell(em: EntityManager, afterCommit: AfterCommit, userId: UserId, event: Event): Promise<void> {
    const { facts, ...rest } = event;
    const at = await timeFor(em);
    const whole: StoreEvent = {
      ...{ id: chance.newId(clock.now()), at, userId, toUserId: null, transaction: null, productId: null },
      ...{ store: "TEST_STORE", isSandbox: true },
      ...rest,
      facts: { purchasedAt: at, expiresAt: null, graceEndsAt: null, isTrial: false, reason: null, ...facts },
    };
    await isNews(em, "test", whole, "counted", clock.now());
    await holdings.recount(em, afterCommit, "test", [userId, ...(whole.toUserId === null ? [] : [whole.toUserId])]);
  }

  /** Everybody waits for their turn at the counter. */
  const served = (work: (em: EntityManager, afterCommit: AfterCommit) => Promise<void>): Promise<void> =>
    database.transaction(async (em, afterCommit) => {
      await holdings.lock(em);
      await work(em, afterCommit);
    });

  const bought = (productId: ProductId, transaction: string, isTrial: boolean): Event => ({
    ...{ type: "INITIAL_PURCHASE", productId, transaction },
    facts: { isTrial, expiresAt: isTrial ? clock.now() + TRIAL_MS : periodAfter(clock.now(), productId) },
  });

  const currentOf = async (em: EntityManager, userId: UserId): Promise<Subscription | undefined> =>
    bestOf((await em.find(Row, { userId, provider: "test" }, { refresh: true })).map(factsOf), clock.now());

  /** Nobody is sold a second one: whoever has one changes to the other plan. */
  async function buy(em: EntityManager, productId: ProductId, userId: UserId, isTrial: boolean): Promise<Event> {
    const one = await currentOf(em, userId);
    if (!one || !isPremium(one, clock.now())) return bought(productId, chance.newId(clock.now()), isTrial);
    return { ...bought(productId, one.transaction, false), type: "RENEWAL" };
  }

  async function eventOf(em: EntityManager, { userId, deed, productId }: TestOrder): Promise<Event> {
    if (deed === "buy" || deed === "try") return buy(em, productId, userId, deed === "try");
    const one = await currentOf(em, userId);
    if (!one) throw new Refusal("CONFLICT", "They have no subscription to do that with");
    const { transaction, productId: own } = one;
    return { productId: own, transaction, ...TELLS[deed](one, clock.now()) };
  }

  return {
    /**
     * A token stands for one purchase: the first who shows it has bought that, and whoever shows it after them gets it.
     * Throws VALIDATION_ERROR for one that was declined, or that nobody bought anything with if nothing is to be bought.
     */
    claim: (userId: UserId, token: string, productId: ProductId | undefined): Promise<void> =>
      served(async (em, afterCommit) => {
        if (DECLINED.test(token)) throw noPurchase();
        const transaction = createHash("sha256").update(token).digest("hex");
        const known = await em.findOne(Row, { provider: "test", transaction }, { refresh: true });
        if (known?.userId === userId) return;
        if (!known && !productId) throw noPurchase();
        if (known) await tell(em, afterCommit, known.userId, { type: "TRANSFER", toUserId: userId });
        else if (productId) await tell(em, afterCommit, userId, bought(productId, transaction, false));
      }),

    /** Throws CONFLICT if they have nothing to do it with, NOT_FOUND if there is no such person. */
    order: (order: TestOrder): Promise<void> =>
      served(async (em, afterCommit) => {
        const people = await holdings.alive(em, [order.userId]);
        if (!people.has(order.userId)) throw new Refusal("NOT_FOUND", "There is no such person");
        await tell(em, afterCommit, order.userId, await eventOf(em, order));
      }),
  };
}

/** A month later is the same day of the next month, or its last one. */
export function periodAfter(at: number, productId: ProductId): number {
  const day = new Date(at).getUTCDate();
  const end = new Date(at);
  end.setUTCDate(1);
  end.setUTCMonth(end.getUTCMonth() + monthsOf(productId));
  const days = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate();
  return end.setUTCDate(Math.min(day, days));
}

import { UserId } from "../../schema/wire/ids.ts";
import type { ProductId } from "../../schema/wire/subscriptions.ts";
import { premiumEndsAt, type Subscription } from "./subscription.ts";

/** Who has what was handed to somebody we do not know. */
export const NOBODY: UserId = UserId.parse("00000000-0000-0000-0000-000000000000");

/** What a provider told us happened. All times in milliseconds since 1970; null is what it did not say. */
export interface StoreEvent {
  readonly id: string;
  /** When it happened, by the provider's clock: this orders events, and nothing else does. */
  readonly at: number;
  /** In the provider's words; what we have no word for changes nothing. */
  readonly type: string;
  readonly userId: UserId;
  /** Of a transfer: who has it from then on. */
  readonly toUserId: UserId | null;
  readonly transaction: string | null;
  readonly productId: ProductId | null;
  readonly store: string;
  readonly isSandbox: boolean;
  readonly facts: EventFacts;
}

export interface EventFacts {
  readonly purchasedAt: number | null;
  readonly expiresAt: number | null;
  readonly graceEndsAt: number | null;
  readonly isTrial: boolean;
  /** Why it was cancelled, or ended. */
  readonly reason: string | null;
}

type Change = (before: Subscription, event: StoreEvent) => Subscription;

/** An end that was not told, or makes no sense, leaves the one that is known. */
const withEnd = (before: Subscription, { facts }: StoreEvent): Subscription => ({
  ...before,
  expiresAt: facts.expiresAt ?? before.expiresAt,
});

/** Nothing is wrong, and it goes on. */
const SOUND = {
  graceEndsAt: null,
  renews: true,
  billingIssueAt: null,
  pauses: false,
  refundedAt: null,
  endedAt: null,
} as const;

/** Money came in: whatever was wrong before is forgotten. */
const bought: Change = (before, event) => ({
  ...withEnd(before, event),
  holder: event.userId,
  productId: event.productId ?? before.productId,
  isTrial: event.facts.isTrial,
  purchasedAt: event.facts.purchasedAt ?? event.at,
  ...SOUND,
});

const boughtOnce: Change = (before, event) => ({ ...bought(before, event), renews: false });

/** What was paid for stays until it ends; what was paid back does not. */
const cancelled: Change = (before, event) => {
  const known = withEnd(before, event);
  if (event.facts.reason === "CUSTOMER_SUPPORT") return { ...known, renews: false, refundedAt: event.at };
  // The store goes on trying to be paid.
  if (event.facts.reason === "BILLING_ERROR") return { ...known, billingIssueAt: known.billingIssueAt ?? event.at };
  return { ...known, renews: false };
};

const paymentFailed: Change = (before, event) => ({
  ...withEnd(before, event),
  billingIssueAt: event.at,
  graceEndsAt: event.facts.graceEndsAt ?? before.graceEndsAt,
});

const ended: Change = (before, event) => ({
  ...withEnd(before, event),
  graceEndsAt: null,
  endedAt: event.at,
  pauses: before.pauses || event.facts.reason === "SUBSCRIPTION_PAUSED",
});

/** By RevenueCat's names of events, which are all we hear of Apple and Google. */
const CHANGES: Readonly<Record<string, Change>> = {
  INITIAL_PURCHASE: bought,
  RENEWAL: bought,
  NON_RENEWING_PURCHASE: boughtOnce,
  // For a day at most, while a store is out of order.
  TEMPORARY_ENTITLEMENT_GRANT: boughtOnce,
  CANCELLATION: cancelled,
  UNCANCELLATION: (before, event) => ({ ...withEnd(before, event), renews: true, pauses: false }),
  BILLING_ISSUE: paymentFailed,
  SUBSCRIPTION_PAUSED: (before, event) => ({ ...withEnd(before, event), pauses: true }),
  SUBSCRIPTION_EXTENDED: withEnd,
  REFUND_REVERSED: (before, event) => ({ ...withEnd(before, event), refundedAt: null, endedAt: null }),
  EXPIRATION: ended,
};

/** What is told of the same moment: the end of one period goes before the next one, and what befell it comes after. */
const ORDER = ["EXPIRATION", "INITIAL_PURCHASE", "RENEWAL", "BILLING_ISSUE", "CANCELLATION", "TRANSFER"];

/**
 * What became of everything that these events tell of: the same, in whatever order they came and however often. They
 * must be all there are of the people they name.
 */
export function timeline(events: readonly StoreEvent[]): readonly Subscription[] {
  const all = new Map<string, Subscription>();
  for (const event of events.toSorted(inOrder)) {
    for (const changed of changesBy(event, [...all.values()])) all.set(changed.transaction, changed);
  }
  return [...all.values()];
}

function inOrder(a: StoreEvent, b: StoreEvent): number {
  return a.at - b.at || ORDER.indexOf(a.type) - ORDER.indexOf(b.type) || (a.id < b.id ? -1 : 1);
}

function changesBy(event: StoreEvent, all: readonly Subscription[]): readonly Subscription[] {
  if (event.type === "TRANSFER") return transferred(event, all);
  const change = Object.hasOwn(CHANGES, event.type) ? CHANGES[event.type] : undefined;
  const before = meantBy(event, all) ?? begunBy(event);
  return change && before ? [change(before, event)] : [];
}

/** Whatever one has goes along, of whichever product. */
function transferred({ userId, toUserId: holder }: StoreEvent, all: readonly Subscription[]): readonly Subscription[] {
  if (holder === null) return [];
  return all.filter((one) => one.holder === userId).map((one) => ({ ...one, holder }));
}

/** Who names no purchase means the person's latest one of that product. */
function meantBy({ transaction, userId, productId }: StoreEvent, all: readonly Subscription[]) {
  if (transaction !== null) return all.find((one) => one.transaction === transaction);
  const theirs = all.filter((one) => one.holder === userId && one.productId === (productId ?? one.productId));
  return theirs.toSorted((a, b) => premiumEndsAt(b) - premiumEndsAt(a))[0];
}

/** The first we hear of it need not be its beginning. */
function begunBy({ transaction, userId, productId, store, isSandbox, at, facts }: StoreEvent) {
  if (productId === null) return undefined;
  const begun: Subscription = {
    transaction: transaction ?? `${userId} ${productId}`,
    holder: userId,
    productId,
    store,
    isSandbox,
    isTrial: facts.isTrial,
    startedAt: facts.purchasedAt ?? at,
    purchasedAt: facts.purchasedAt ?? at,
    expiresAt: null,
    ...SOUND,
  };
  return begun;
}

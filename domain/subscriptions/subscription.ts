import type { UserId } from "../../schema/wire/ids.ts";
import type { ProductId, SubscriptionStatus } from "../../schema/wire/subscriptions.ts";

/**
 * One purchase and everything that became of it, as far as it was told: renewals are the same subscription, a purchase
 * after it ended may be. All times in milliseconds since 1970. What follows from the clock alone is not in here.
 */
export interface Subscription {
  /** The store's own name of the first purchase, which all later ones refer to. */
  readonly transaction: string;
  readonly holder: UserId;
  readonly productId: ProductId;
  /** As the provider calls it. */
  readonly store: string;
  readonly isSandbox: boolean;
  readonly isTrial: boolean;
  readonly startedAt: number;
  /** The present period. */
  readonly purchasedAt: number;
  /** Null if nobody ever said so: then it gives nothing. */
  readonly expiresAt: number | null;
  /** Set with `billingIssueAt` only. */
  readonly graceEndsAt: number | null;
  readonly renews: boolean;
  readonly billingIssueAt: number | null;
  /** When the period ends, rather than renewing. */
  readonly pauses: boolean;
  readonly refundedAt: number | null;
  /** It was said to be over, whatever the times say. */
  readonly endedAt: number | null;
}

type Facts = Pick<
  Subscription,
  "isTrial" | "expiresAt" | "graceEndsAt" | "renews" | "billingIssueAt" | "pauses" | "refundedAt" | "endedAt"
>;

const PREMIUM_STATES: readonly SubscriptionStatus[] = ["trial", "active", "grace", "cancelled"];

export const givesPremium = (status: SubscriptionStatus): boolean => PREMIUM_STATES.includes(status);

/** Where it stands at that time. A period that is over is over, whether or not anybody told us. */
export function statusOf(facts: Facts, now: number): SubscriptionStatus {
  if (facts.refundedAt !== null) return "refunded";
  if (facts.endedAt === null) {
    if (isBefore(now, facts.expiresAt)) return runningStatusOf(facts);
    if (isBefore(now, facts.graceEndsAt)) return "grace";
  }
  if (facts.pauses) return "paused";
  return facts.billingIssueAt !== null && facts.endedAt === null ? "on_hold" : "expired";
}

/** What was cancelled is paid for all the same; so is what the next payment already failed for. */
function runningStatusOf({ renews, isTrial }: Facts): SubscriptionStatus {
  if (!renews) return "cancelled";
  return isTrial ? "trial" : "active";
}

export const isPremium = (facts: Facts, now: number): boolean => givesPremium(statusOf(facts, now));

/** When the clock alone will make something else of it; null if it never will. */
export function changesAt(facts: Facts, now: number): number | null {
  if (!isPremium(facts, now)) return null;
  return isBefore(now, facts.expiresAt) ? facts.expiresAt : facts.graceEndsAt;
}

/** When premium ends, as far as is known by now. */
export const premiumEndsAt = ({ expiresAt, graceEndsAt }: Facts): number => Math.max(expiresAt ?? 0, graceEndsAt ?? 0);

/** [RV6] Longer than providers are away; shorter than anybody would call a present. */
const BRIDGE_MS = 6 * 60 * 60_000;

/**
 * Until when premium is taken to go on where a period ends that should renew, and nobody can be asked whether it did;
 * null where that is not so. `beforeMs`: so long before the end it is looked.
 */
export function bridgedUntil(one: Facts, now: number, beforeMs: number): number | null {
  const { renews, expiresAt, graceEndsAt, billingIssueAt, refundedAt, endedAt } = one;
  const isTrouble = [graceEndsAt, billingIssueAt, refundedAt, endedAt].some((at) => at !== null);
  if (!renews || expiresAt === null || isTrouble) return null;
  const until = expiresAt + BRIDGE_MS;
  return expiresAt - beforeMs <= now && now < until ? until : null;
}

/** Of several, the one that counts: what gives premium the longest, or else what ended last. */
export function bestOf<One extends Facts>(all: readonly One[], now: number): One | undefined {
  const rank = (one: One): [number, number] => [Number(isPremium(one, now)), premiumEndsAt(one)];
  return all.toSorted((a, b) => {
    const [[premiumA, endA], [premiumB, endB]] = [rank(a), rank(b)];
    return premiumB - premiumA || endB - endA;
  })[0];
}

const isBefore = (now: number, end: number | null): end is number => end !== null && now < end;

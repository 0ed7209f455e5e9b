import type { Subscription as Row } from "../../schema/entities/subscription.ts";
import type { SubscriptionView } from "../../schema/wire/subscriptions.ts";
import { PREMIUM } from "./plans.ts";
import { bestOf, changesAt, givesPremium, premiumEndsAt, type Subscription, statusOf } from "./subscription.ts";

const ms = (at: Date | null): number | null => at?.getTime() ?? null;
const date = (at: number | null): Date | null => (at === null ? null : new Date(at));
const iso = (at: number | null): string | null => date(at)?.toISOString() ?? null;

/** A row as the rules know it. */
export function factsOf(row: Row): Subscription {
  const { transaction, userId: holder, productId, store, isSandbox, isTrial, renews, pauses } = row;
  return {
    ...{ transaction, holder, productId, store, isSandbox, isTrial, renews, pauses },
    startedAt: row.startedAt.getTime(),
    purchasedAt: row.purchasedAt.getTime(),
    expiresAt: ms(row.expiresAt),
    graceEndsAt: ms(row.graceEndsAt),
    billingIssueAt: ms(row.billingIssueAt),
    refundedAt: ms(row.refundedAt),
    endedAt: ms(row.endedAt),
  };
}

type Columns = Omit<Row, "id" | "provider" | "status" | "changesAt" | "lostAt">;

/** What the rules know, as a row has it. */
export function columnsOf(one: Subscription): Columns {
  const { transaction, holder: userId, productId, store, isSandbox, isTrial, renews, pauses } = one;
  return {
    ...{ transaction, userId, productId, store, isSandbox, isTrial, renews, pauses },
    startedAt: new Date(one.startedAt),
    purchasedAt: new Date(one.purchasedAt),
    expiresAt: date(one.expiresAt),
    graceEndsAt: date(one.graceEndsAt),
    billingIssueAt: date(one.billingIssueAt),
    refundedAt: date(one.refundedAt),
    endedAt: date(one.endedAt),
  };
}

/** Where it stands now. When premium ended is not when that was noticed. */
export function standingOf(one: Subscription, now: number): Pick<Row, "status" | "changesAt" | "lostAt"> {
  const status = statusOf(one, now);
  const end = Math.min(one.refundedAt ?? now, one.endedAt ?? now, premiumEndsAt(one));
  return {
    status,
    changesAt: date(changesAt(one, now)),
    lostAt: givesPremium(status) ? null : new Date(Math.max(end, one.startedAt)),
  };
}

/** What somebody sees of all they have. */
export function viewOf(rows: readonly Row[], now: number): SubscriptionView {
  const one = bestOf(rows.map(factsOf), now);
  if (!one) return NONE;
  const status = statusOf(one, now);
  const isActive = givesPremium(status);
  return {
    isActive,
    status,
    productId: one.productId,
    purchaseDate: iso(one.purchasedAt),
    expiresDate: iso(one.expiresAt),
    graceEndsDate: status === "grace" ? iso(one.graceEndsAt) : null,
    isTrialPeriod: isActive && one.isTrial,
    autoRenewing: isActive && one.renews,
    entitlements: isActive ? PREMIUM : [],
  };
}

const NONE: SubscriptionView = {
  isActive: false,
  status: null,
  productId: null,
  purchaseDate: null,
  expiresDate: null,
  graceEndsDate: null,
  isTrialPeriod: false,
  autoRenewing: false,
  entitlements: [],
};

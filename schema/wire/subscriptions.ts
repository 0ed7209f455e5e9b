import { z } from "zod";
import { UserId } from "./ids.ts";
import { storable } from "./text.ts";

/** What a subscription opens. */
export const Entitlement = z.enum(["premium_features", "unlimited_assessments", "advanced_insights", "pdf_export"]);
export type Entitlement = z.infer<typeof Entitlement>;

export const ProductId = z.enum(["twinship_monthly", "twinship_yearly"]);
export type ProductId = z.infer<typeof ProductId>;

/**
 * Where a subscription stands. Premium: `trial`, `active`, `grace` (the payment failed, and the store still waits for it)
 * and `cancelled` (it will not renew, and is paid for until it ends). Not: `on_hold` (the payment failed for good so far),
 * `paused`, `expired`, `refunded`.
 */
export const SubscriptionStatus = z.enum([
  "trial",
  "active",
  "grace",
  "cancelled",
  "on_hold",
  "paused",
  "expired",
  "refunded",
]);
export type SubscriptionStatus = z.infer<typeof SubscriptionStatus>;

/** Of one's own, the one that counts; empty for who never had any. */
export const SubscriptionView = z.object({
  isActive: z.boolean(),
  status: SubscriptionStatus.nullable(),
  productId: ProductId.nullable(),
  purchaseDate: z.iso.datetime().nullable(),
  /** When the time that is paid for ends, or ended. */
  expiresDate: z.iso.datetime().nullable(),
  /** How long premium stays while the store waits for a payment. */
  graceEndsDate: z.iso.datetime().nullable(),
  isTrialPeriod: z.boolean(),
  autoRenewing: z.boolean(),
  entitlements: z.array(Entitlement).readonly(),
});
export type SubscriptionView = z.infer<typeof SubscriptionView>;

export const PlanView = z.object({
  productId: ProductId,
  name: z.string(),
  price: z.number(),
  currency: z.literal("USD"),
  period: z.enum(["month", "year"]),
  pricePerMonth: z.number(),
  /** Against paying by the month for as long. */
  savings: z.object({ amount: z.number(), percent: z.int() }).nullable(),
  entitlements: z.array(Entitlement).readonly(),
});
export type PlanView = z.infer<typeof PlanView>;

export const SubscriptionsView = z.object({
  subscription: SubscriptionView,
  availablePlans: z.array(PlanView).readonly(),
});
export type SubscriptionsView = z.infer<typeof SubscriptionsView>;

/** Of whose store it is. */
export const Platform = z.enum(["ios", "android", "web"]);
export type Platform = z.infer<typeof Platform>;

/** Longer than any store's; a receipt may be as long as a request. */
const Token = storable(4096).refine((token) => token.trim() !== "", "must not be empty");
const Receipt = storable(60_000).refine((receipt) => receipt.trim() !== "", "must not be empty");

/** What a store gave the phone for its money. */
export const Purchase = z.strictObject({
  productId: ProductId,
  purchaseToken: Token,
  platform: Platform,
  receiptData: Receipt.nullish(),
});
export type Purchase = z.infer<typeof Purchase>;

/** Nothing, for what one has on this account; or a purchase made under another account, to have it here. */
export const Restore = z.strictObject({
  purchaseToken: Token.nullish(),
  platform: Platform.nullish(),
  receiptData: Receipt.nullish(),
});
export type Restore = z.infer<typeof Restore>;

/** To one's own phones: what premium opens from now on. */
export const SubscriptionChanged = z.object({
  userId: UserId,
  isActive: z.boolean(),
  entitlements: z.array(Entitlement).readonly(),
});
export type SubscriptionChanged = z.infer<typeof SubscriptionChanged>;

/** What the store that is built in does for whoever tries things out. */
export const TestDeed = z.enum([
  "buy",
  "try",
  "renew",
  "cancel",
  "uncancel",
  "fail",
  "hold",
  "pause",
  "expire",
  "refund",
]);
export type TestDeed = z.infer<typeof TestDeed>;

/** As the form of its page sends it. */
export const TestOrder = z.strictObject({ userId: UserId, deed: TestDeed, productId: ProductId });
export type TestOrder = z.infer<typeof TestOrder>;

/** Whose subscription it is about: one of the newest people, or whoever has that address. */
export const TestQuery = z.strictObject({ email: z.string().max(300).optional(), user: UserId.optional() });
export type TestQuery = z.infer<typeof TestQuery>;

import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";
import type { ProductId, SubscriptionStatus } from "../wire/subscriptions.ts";

/** Who told us of it: RevenueCat, for the stores it speaks to; or the store that is built in. */
export type Provider = "revenuecat" | "test";

/** A subscription as it stands, made of what was told of it. One may have several, one after the other or at once. */
const SubscriptionSchema = defineEntity({
  name: "Subscription",
  tableName: "subscriptions",
  properties: {
    id: p.uuid().primary(),
    userId: p.uuid().$type<UserId>(),
    provider: p.text().$type<Provider>(),
    /** The provider's name of the first purchase. */
    transaction: p.text(),
    productId: p.text().$type<ProductId>(),
    store: p.text(),
    isSandbox: p.boolean(),
    isTrial: p.boolean(),
    startedAt: p.datetime(),
    purchasedAt: p.datetime(),
    expiresAt: p.datetime().strictNullable(),
    graceEndsAt: p.datetime().strictNullable(),
    renews: p.boolean(),
    billingIssueAt: p.datetime().strictNullable(),
    pauses: p.boolean(),
    refundedAt: p.datetime().strictNullable(),
    endedAt: p.datetime().strictNullable(),
    /** As it stood when that was last looked at; whoever asks for somebody's premium goes by the times above. */
    status: p.text().$type<SubscriptionStatus>(),
    /** When the clock alone makes something else of it. */
    changesAt: p.datetime().strictNullable(),
    /** Since when it gives no premium; null while it does. */
    lostAt: p.datetime().strictNullable(),
  },
});

export class Subscription extends SubscriptionSchema.class {}
SubscriptionSchema.setClass(Subscription);

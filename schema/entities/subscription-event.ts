import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";
import type { ProductId } from "../wire/subscriptions.ts";
import type { Provider } from "./subscription.ts";

/** `counted`, or why it is not. */
export type EventFate = "counted" | "unknown_person" | "unknown_product" | "sandbox" | "other_app";

/** What else an event says; times in milliseconds since 1970. */
export interface EventFactsRow {
  readonly purchasedAt: number | null;
  readonly expiresAt: number | null;
  readonly graceEndsAt: number | null;
  readonly isTrial: boolean;
  readonly reason: string | null;
}

/** Everything a provider ever told us, each once: subscriptions are made of these rows, and can be made again. */
const SubscriptionEventSchema = defineEntity({
  name: "SubscriptionEvent",
  tableName: "subscription_events",
  properties: {
    provider: p.text().$type<Provider>().primary(),
    /** The provider's own. */
    id: p.text().primary(),
    /** When it happened, by the provider's clock. */
    at: p.datetime(),
    heardAt: p.datetime(),
    type: p.text(),
    fate: p.text().$type<EventFate>(),
    /** Whoever was erased stands here under a number that leads to nobody. */
    userId: p.uuid().$type<UserId>().strictNullable(),
    toUserId: p.uuid().$type<UserId>().strictNullable(),
    transaction: p.text().strictNullable(),
    productId: p.text().$type<ProductId>().strictNullable(),
    store: p.text(),
    isSandbox: p.boolean(),
    facts: p.json<EventFactsRow>(),
  },
});

export class SubscriptionEvent extends SubscriptionEventSchema.class {}
SubscriptionEventSchema.setClass(SubscriptionEvent);

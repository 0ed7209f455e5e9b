import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";
import type { Channel } from "../wire/letters.ts";

/** How far a message came. It only ever goes on from here, whatever is reported late or twice. */
export type DeliveryStatus = "queued" | "sending" | "sent" | "delivered" | "bounced" | "failed" | "suppressed";

/** One mail, text message or push on its way to somebody. Whom it is for and what it says is kept only while it is needed. */
const DeliverySchema = defineEntity({
  name: "Delivery",
  tableName: "deliveries",
  properties: {
    id: p.uuid().primary(),
    channel: p.text().$type<Channel>(),
    template: p.text(),
    userId: p.uuid().$type<UserId>().strictNullable(),
    /** The sender's own id of what it is about. */
    about: p.text().strictNullable(),
    /** Stands for the address, which it does not tell. */
    addressKey: p.text(),
    /** What was handed over to be sent, for our eyes only; null once nobody needs it. */
    sealed: p.text().strictNullable(),
    status: p.text().$type<DeliveryStatus>(),
    /** The provider's own id of it. */
    providerId: p.text().strictNullable(),
    attempts: p.integer(),
    /** Why it will not arrive, in the provider's words. */
    reason: p.text().strictNullable(),
    createdAt: p.datetime(),
    /** When its status changed. */
    updatedAt: p.datetime(),
    sentAt: p.datetime().strictNullable(),
    deliveredAt: p.datetime().strictNullable(),
    openedAt: p.datetime().strictNullable(),
    clickedAt: p.datetime().strictNullable(),
    answeredAt: p.datetime().strictNullable(),
  },
});

export class Delivery extends DeliverySchema.class {}
DeliverySchema.setClass(Delivery);

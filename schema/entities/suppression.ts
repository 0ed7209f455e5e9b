import { defineEntity, p } from "@mikro-orm/core";
import type { Channel } from "../wire/letters.ts";

/** Why an address gets nothing more, or less. `gone` and `stop`: nothing at all. `complaint` and `unsubscribe`: only what they ask for. */
export type SuppressionReason = "gone" | "stop" | "complaint" | "unsubscribe";

/** An address that does not want, or cannot take, what we send. */
const SuppressionSchema = defineEntity({
  name: "Suppression",
  tableName: "suppressions",
  properties: {
    channel: p.text().$type<Channel>().primary(),
    /** Stands for the address, which it does not tell. */
    addressKey: p.text().primary(),
    reason: p.text().$type<SuppressionReason>(),
    at: p.datetime(),
    /** When they wanted to hear of us again. What was said before counts no more, however late it is reported. */
    liftedAt: p.datetime().strictNullable(),
  },
});

export class Suppression extends SuppressionSchema.class {}
SuppressionSchema.setClass(Suppression);

import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";

/** What a mailed link is for. */
export type LinkPurpose = "verify_address" | "change_address" | "reset_password";

/** A link that was mailed. It stays after its use, until it ends, so that a second press of its button is recognised. */
const OneTimeLinkSchema = defineEntity({
  name: "OneTimeLink",
  tableName: "one_time_links",
  properties: {
    /** SHA-256 of the token, base64url. The token itself is kept nowhere. */
    hash: p.text().primary(),
    userId: p.uuid().$type<UserId>(),
    purpose: p.text().$type<LinkPurpose>(),
    /** Where it was sent to, which it proves to be theirs. */
    address: p.text(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().strictNullable(),
  },
});

export class OneTimeLink extends OneTimeLinkSchema.class {}
OneTimeLinkSchema.setClass(OneTimeLink);

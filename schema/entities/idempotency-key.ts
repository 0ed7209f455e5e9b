import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";

/** What a person's call under a key was answered, kept with its effect. */
const IdempotencyKeySchema = defineEntity({
  name: "IdempotencyKey",
  tableName: "idempotency_keys",
  properties: {
    userId: p.uuid().$type<UserId>().primary(),
    key: p.text().primary(),
    /** Method and path. */
    place: p.text(),
    /** SHA-256 of the body, base64url. */
    bodyHash: p.text(),
    status: p.integer(),
    headers: p.json<Record<string, string>>(),
    reply: p.json<object>(),
    createdAt: p.datetime(),
  },
});

export class IdempotencyKey extends IdempotencyKeySchema.class {}
IdempotencyKeySchema.setClass(IdempotencyKey);

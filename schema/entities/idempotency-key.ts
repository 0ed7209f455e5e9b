import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";

/** What a person's call under a key was answered, kept with its effect. */
const IdempotencyKeySchema = defineEntity({
  name: "IdempotencyKey",
  tableName: "idempotency_keys",
  properties: {
    userId: p.uuid().$type<UserId>().primary(),
    key: p.text().primary(),
    /** Method and address. */
    place: p.text(),
    /** Of the body, salted: a body may hold a password. */
    bodyHash: p.text(),
    salt: p.text(),
    status: p.integer(),
    headers: p.json<Record<string, string>>(),
    reply: p.json<object>(),
    createdAt: p.datetime(),
  },
});

export class IdempotencyKey extends IdempotencyKeySchema.class {}
IdempotencyKeySchema.setClass(IdempotencyKey);

import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";

/** Somebody of ours who may sign in as such: a person with an account, and an authenticator beside their password. */
const StaffMemberSchema = defineEntity({
  name: "StaffMember",
  tableName: "staff",
  properties: {
    userId: p.uuid().$type<UserId>().primary(),
    /** What their authenticator shows codes of, for our eyes only; null until they are enrolled. */
    sealedSecret: p.text().strictNullable(),
    /** The step of the newest code that was used: none of it, or of before it, opens anything again. */
    lastStep: p.bigint("number").default(0),
    enrolledAt: p.datetime().strictNullable(),
    createdAt: p.datetime(),
  },
});

export class StaffMember extends StaffMemberSchema.class {}
StaffMemberSchema.setClass(StaffMember);

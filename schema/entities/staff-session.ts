import { defineEntity, p } from "@mikro-orm/core";
import type { SessionId, UserId } from "../wire/ids.ts";

/** A staff sign-in: it is not renewed, and ends by itself. */
const StaffSessionSchema = defineEntity({
  name: "StaffSession",
  tableName: "staff_sessions",
  properties: {
    id: p.uuid().$type<SessionId>().primary(),
    userId: p.uuid().$type<UserId>(),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    endedAt: p.datetime().strictNullable(),
    /** Where it came from, as far as others are shown it. */
    network: p.text(),
  },
});

export class StaffSession extends StaffSessionSchema.class {}
StaffSessionSchema.setClass(StaffSession);

import { defineEntity, p } from "@mikro-orm/core";
import type { SessionId } from "../wire/ids.ts";
import { User } from "./user.ts";

/** One sign-in on one device, and the family of refresh tokens that came of it. */
const SessionSchema = defineEntity({
  name: "Session",
  tableName: "sessions",
  properties: {
    id: p.uuid().$type<SessionId>().primary(),
    user: () => p.manyToOne(User).ref(),
    /** The device's own name of itself; null for a device that gave none, which is a device of its own. */
    deviceId: p.text().strictNullable(),
    deviceName: p.text().strictNullable(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime(),
    /** When the newest refresh token ends. */
    expiresAt: p.datetime(),
    revokedAt: p.datetime().strictNullable(),
  },
});

export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);

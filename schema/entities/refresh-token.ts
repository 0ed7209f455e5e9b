import { defineEntity, p } from "@mikro-orm/core";
import { Session } from "./session.ts";

/** A refresh token that was handed out. It stays after its use, until it ends, so that a second use is recognised. */
const RefreshTokenSchema = defineEntity({
  name: "RefreshToken",
  tableName: "refresh_tokens",
  properties: {
    /** SHA-256 of the token, base64url. The token itself is kept nowhere. */
    hash: p.text().primary(),
    session: () => p.manyToOne(Session).ref(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().strictNullable(),
    /** What its use was answered with, readable only to who has the token; for a moment. */
    sealedAnswer: p.text().strictNullable(),
  },
});

export class RefreshToken extends RefreshTokenSchema.class {}
RefreshTokenSchema.setClass(RefreshToken);

import { defineEntity, p } from "@mikro-orm/core";
import type { PairId, UserId } from "../wire/ids.ts";

/** How far an invitation came. `expired` may also be what time made of one that is still said to be open. */
export type InvitationStatus =
  | "pending"
  | "failed"
  | "sent"
  | "delivered"
  | "accepted"
  | "declined"
  | "cancelled"
  | "expired";

/** Those that may still be answered. A failed one has not arrived, and its code may be read aloud all the same. */
export const OPEN_INVITATIONS: readonly InvitationStatus[] = ["pending", "failed", "sent", "delivered"];

/** What became of one of the mails and text messages that carry an invitation. */
export interface Sending {
  readonly state: "pending" | "failed" | "sent" | "delivered";
  readonly attempts: number;
  /** When it was first heard of, in milliseconds since 1970. */
  readonly at: number | null;
}

/** One person's open hand: a code for the other phone, or an invitation that was sent to somebody. */
const InvitationSchema = defineEntity({
  name: "Invitation",
  tableName: "invitations",
  properties: {
    id: p.uuid().primary(),
    inviterId: p.uuid().$type<UserId>(),
    /** A code is read aloud; what is sent has a code and a link. */
    kind: p.text().$type<"code" | "sent">().default("code"),
    code: p.text(),
    /** SHA-256 of the link's token, base64url; null for a mere code. */
    tokenHash: p.text().strictNullable().default(null),
    /** To whom, and the link's token, for our eyes and the inviter's; null once nobody needs it. */
    sealed: p.text().strictNullable().default(null),
    status: p.text().$type<InvitationStatus>().default("pending"),
    /** By the id of its delivery. */
    sendings: p.json<Readonly<Record<string, Sending>>>().default("{}"),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    sentAt: p.datetime().strictNullable().default(null),
    /** When it was accepted or declined. */
    respondedAt: p.datetime().strictNullable().default(null),
    acceptedBy: p.uuid().$type<UserId>().strictNullable(),
    acceptedAt: p.datetime().strictNullable(),
    pairId: p.uuid().$type<PairId>().strictNullable(),
  },
});

export class Invitation extends InvitationSchema.class {}
InvitationSchema.setClass(Invitation);

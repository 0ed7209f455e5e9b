import { defineEntity, p } from "@mikro-orm/core";
import type { PairId, UserId } from "../wire/ids.ts";

/** One person's open hand: a code that another redeems. */
const InvitationSchema = defineEntity({
  name: "Invitation",
  tableName: "invitations",
  properties: {
    id: p.uuid().primary(),
    inviterId: p.uuid().$type<UserId>(),
    code: p.text(),
    status: p.text().$type<"pending" | "accepted" | "cancelled">().default("pending"),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    acceptedBy: p.uuid().$type<UserId>().strictNullable(),
    acceptedAt: p.datetime().strictNullable(),
    pairId: p.uuid().$type<PairId>().strictNullable(),
  },
});

export class Invitation extends InvitationSchema.class {}
InvitationSchema.setClass(Invitation);

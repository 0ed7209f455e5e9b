import { defineEntity, p } from "@mikro-orm/core";
import type { PairId, UserId } from "../wire/ids.ts";

/** Who is, or was, in a pair. The database allows one active pair a person. */
const PairMemberSchema = defineEntity({
  name: "PairMember",
  tableName: "pair_members",
  properties: {
    pairId: p.uuid().$type<PairId>().primary(),
    userId: p.uuid().$type<UserId>().primary(),
    isActive: p.boolean(),
  },
});

export class PairMember extends PairMemberSchema.class {}
PairMemberSchema.setClass(PairMember);

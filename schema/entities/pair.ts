import { defineEntity, p } from "@mikro-orm/core";
import type { PairId, UserId } from "../wire/ids.ts";

/** Two people who found each other; once, however often they part and meet again. */
const PairSchema = defineEntity({
  name: "Pair",
  tableName: "pairs",
  properties: {
    id: p.uuid().$type<PairId>().primary(),
    /** The smaller of the two ids, so that two people are one pair whoever comes first. */
    lowUserId: p.uuid().$type<UserId>(),
    highUserId: p.uuid().$type<UserId>(),
    status: p.text().$type<"open" | "closed">().default("open"),
    pairedAt: p.datetime(),
    unpairedAt: p.datetime().strictNullable(),
  },
});

export class Pair extends PairSchema.class {}
PairSchema.setClass(Pair);

import { defineEntity, p } from "@mikro-orm/core";
import type { PairId } from "../wire/ids.ts";

/**
 * The row a pair's room is fenced by, as far as pairing touches it: opening and closing take the next epoch, so that
 * whoever owned the room writes nothing any more. The rest of the row is the rooms' own.
 */
const PairRoomSchema = defineEntity({
  name: "PairRoom",
  tableName: "pair_rooms",
  properties: {
    pairId: p.uuid().$type<PairId>().primary(),
    epoch: p.bigint("number").default(0),
    firstSeq: p.bigint("number").default(1),
    lastSeq: p.bigint("number").default(0),
    lastId: p.uuid().strictNullable(),
    owner: p.text().strictNullable(),
    roomId: p.text().strictNullable(),
    status: p.text().$type<"open" | "closed">().default("open"),
  },
});

export class PairRoom extends PairRoomSchema.class {}
PairRoomSchema.setClass(PairRoom);

import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";

/** Somebody who wants nothing more to do with somebody. */
const BlockSchema = defineEntity({
  name: "Block",
  tableName: "blocks",
  properties: {
    blockerId: p.uuid().$type<UserId>().primary(),
    blockedId: p.uuid().$type<UserId>().primary(),
    createdAt: p.datetime(),
  },
});

export class Block extends BlockSchema.class {}
BlockSchema.setClass(Block);

import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";

/** When the provider's own record of a person was read, and when it is to be read again. */
const StoreReadingSchema = defineEntity({
  name: "StoreReading",
  tableName: "store_readings",
  properties: {
    userId: p.uuid().$type<UserId>().primary(),
    /** By the provider's clock: of two readings the later one counts. Null: it was not to be had yet. */
    recordAt: p.datetime().strictNullable(),
    /** Null: not until something is heard of them. */
    dueAt: p.datetime().strictNullable(),
    /** In a row; none since it was last read. */
    failures: p.integer(),
  },
});

export class StoreReading extends StoreReadingSchema.class {}
StoreReadingSchema.setClass(StoreReading);

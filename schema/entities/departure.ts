import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";

/** Somebody who asked to be gone: what they wanted, and how far it is done. When is told by their own row. */
const DepartureSchema = defineEntity({
  name: "Departure",
  tableName: "departures",
  properties: {
    userId: p.uuid().$type<UserId>().primary(),
    askedAt: p.datetime(),
    /** Their words go too, and leave tombstones with the twin. */
    eraseMessages: p.boolean(),
    /** When the erasing was last handed to a worker. */
    queuedAt: p.datetime().strictNullable().default(null),
    erasedAt: p.datetime().strictNullable().default(null),
  },
});

export class Departure extends DepartureSchema.class {}
DepartureSchema.setClass(Departure);

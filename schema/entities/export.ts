import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";
import type { ExportId, ExportStatus } from "../wire/privacy.ts";

/** A copy of all we have of a person, which they asked for. Its contents lie in pieces beside it. */
const ExportSchema = defineEntity({
  name: "Export",
  tableName: "exports",
  properties: {
    id: p.uuid().$type<ExportId>().primary(),
    userId: p.uuid().$type<UserId>(),
    status: p.text().$type<ExportStatus>().default("pending"),
    /** Grows each time a worker begins it: only the newest attempt counts. */
    attempt: p.integer().default(0),
    createdAt: p.datetime(),
    readyAt: p.datetime().strictNullable().default(null),
    expiresAt: p.datetime().strictNullable().default(null),
    bytes: p.bigint("number").strictNullable().default(null),
    /** Opens the pieces; gone with them. */
    sealedKey: p.text().strictNullable().default(null),
  },
});

export class Export extends ExportSchema.class {}
ExportSchema.setClass(Export);

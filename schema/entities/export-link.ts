import { defineEntity, p } from "@mikro-orm/core";
import { Export } from "./export.ts";

/** A way to one download of a copy, for who has it; remembered by its hash. */
const ExportLinkSchema = defineEntity({
  name: "ExportLink",
  tableName: "export_links",
  properties: {
    hash: p.text().primary(),
    export: () => p.manyToOne(Export).ref(),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    /** When its last byte was handed over. */
    usedAt: p.datetime().strictNullable().default(null),
  },
});

export class ExportLink extends ExportLinkSchema.class {}
ExportLinkSchema.setClass(ExportLink);

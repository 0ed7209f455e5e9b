import { defineEntity, p } from "@mikro-orm/core";
import type { ConsentItem } from "../wire/consents.ts";
import type { UserId } from "../wire/ids.ts";

/** A word for or against something; the last one about an item holds. */
const ConsentSchema = defineEntity({
  name: "Consent",
  tableName: "consents",
  properties: {
    id: p.bigint("string").primary().autoincrement(),
    userId: p.uuid().$type<UserId>(),
    item: p.text().$type<ConsentItem>(),
    granted: p.boolean(),
    /** Of the words that were agreed to. */
    version: p.text(),
    at: p.datetime(),
  },
});

export class Consent extends ConsentSchema.class {}
ConsentSchema.setClass(Consent);

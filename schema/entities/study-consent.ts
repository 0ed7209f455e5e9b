import { defineEntity, p } from "@mikro-orm/core";
import type { Locale } from "../wire/assessments.ts";
import type { UserId } from "../wire/ids.ts";
import type { AgreedItems, Disposition, StudyId } from "../wire/research.ts";

/** What somebody said about taking part in a study; the last word holds. */
const StudyConsentSchema = defineEntity({
  name: "StudyConsent",
  tableName: "research_consents",
  properties: {
    id: p.bigint("string").primary().autoincrement(),
    studyId: p.uuid().$type<StudyId>(),
    userId: p.uuid().$type<UserId>(),
    kind: p.text().$type<"given" | "withdrawn">(),
    version: p.integer(),
    locale: p.text().$type<Locale>(),
    documentHash: p.text(),
    items: p.json<AgreedItems>(),
    disposition: p.text().$type<Disposition>().strictNullable(),
    reason: p.text().strictNullable(),
    /** Where it came from, as far as a provider's network. */
    network: p.text(),
    appVersion: p.text().strictNullable(),
    at: p.datetime(),
  },
});

export class StudyConsent extends StudyConsentSchema.class {}
StudyConsentSchema.setClass(StudyConsent);

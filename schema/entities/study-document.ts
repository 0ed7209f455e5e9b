import { defineEntity, p } from "@mikro-orm/core";
import type { Locale } from "../wire/assessments.ts";
import type { StudyId } from "../wire/research.ts";

/** The words of one version of a consent, in one language. Never changed. */
const StudyDocumentSchema = defineEntity({
  name: "StudyDocument",
  tableName: "research_documents",
  properties: {
    studyId: p.uuid().$type<StudyId>().primary(),
    version: p.integer().primary(),
    locale: p.text().$type<Locale>().primary(),
    text: p.text(),
    /** SHA-256 of the text. */
    hash: p.text(),
    publishedAt: p.datetime(),
  },
});

export class StudyDocument extends StudyDocumentSchema.class {}
StudyDocumentSchema.setClass(StudyDocument);

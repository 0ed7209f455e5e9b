import { defineEntity, p } from "@mikro-orm/core";
import type { Locale } from "../wire/assessments.ts";
import type { Source, StudyId, StudyStatus } from "../wire/research.ts";

export interface StudyWords {
  readonly title: string;
  readonly summary: string;
}

/** A study, as it is now. What it is found by stands in the table alone. */
const StudySchema = defineEntity({
  name: "Study",
  tableName: "research_studies",
  properties: {
    id: p.uuid().$type<StudyId>().primary(),
    status: p.text().$type<StudyStatus>(),
    /** Only pairs in which both take part count. */
    bothTwins: p.boolean(),
    collects: p.json<readonly Source[]>(),
    words: p.json<Readonly<Partial<Record<Locale, StudyWords | undefined>>>>(),
    consentVersion: p.integer(),
    /** In every pseudonym of it. */
    salt: p.text(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    /** All its words, to be found by. */
    searched: p.text(),
  },
});

export class Study extends StudySchema.class {}
StudySchema.setClass(Study);

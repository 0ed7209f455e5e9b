import { defineEntity, p } from "@mikro-orm/core";
import type { Contributed, ContributionKind } from "../wire/contributions.ts";
import type { StudyId } from "../wire/research.ts";

/** What somebody gave to a study on one day, of one kind. */
const StudyContributionSchema = defineEntity({
  name: "StudyContribution",
  tableName: "research_contributions",
  properties: {
    studyId: p.uuid().$type<StudyId>().primary(),
    pseudonym: p.text().primary(),
    kind: p.text().$type<ContributionKind>().primary(),
    /** Like `2026-06-15`. */
    day: p.date().primary(),
    body: p.json<Contributed>(),
  },
});

export class StudyContribution extends StudyContributionSchema.class {}
StudyContributionSchema.setClass(StudyContribution);

import { defineEntity, p } from "@mikro-orm/core";
import type { CohortBody } from "../wire/contributions.ts";
import type { StudyId } from "../wire/research.ts";

/** Pairs that were first told of together, and what was told of them. */
const StudyCohortSchema = defineEntity({
  name: "StudyCohort",
  tableName: "research_cohorts",
  properties: {
    id: p.uuid().primary(),
    studyId: p.uuid().$type<StudyId>(),
    number: p.integer(),
    body: p.json<CohortBody>(),
    madeAt: p.datetime(),
    /** Somebody in it wanted all of theirs deleted. */
    brokenAt: p.datetime().strictNullable().default(null),
  },
});

export class StudyCohort extends StudyCohortSchema.class {}
StudyCohortSchema.setClass(StudyCohort);

import { defineEntity, p } from "@mikro-orm/core";
import type { ReleaseId, StudyId } from "../wire/research.ts";

/** What researchers are given, numbered and fixed. Its files lie beside it. */
const StudyReleaseSchema = defineEntity({
  name: "StudyRelease",
  tableName: "research_releases",
  properties: {
    id: p.uuid().$type<ReleaseId>().primary(),
    studyId: p.uuid().$type<StudyId>(),
    number: p.integer(),
    status: p.text().$type<"asked" | "approved" | "withdrawn">(),
    cohortIds: p.json<readonly string[]>(),
    /** Of the staff. */
    askedBy: p.uuid(),
    askedAt: p.datetime(),
    approvedBy: p.uuid().strictNullable().default(null),
    approvedAt: p.datetime().strictNullable().default(null),
  },
});

export class StudyRelease extends StudyReleaseSchema.class {}
StudyReleaseSchema.setClass(StudyRelease);

import { defineEntity, p } from "@mikro-orm/core";
import type { AssessmentId, AssessmentStatus, Results } from "../wire/assessments.ts";
import type { UserId } from "../wire/ids.ts";

/** One person's way through one bank. Whoever writes their answers holds this row. */
const AssessmentSessionSchema = defineEntity({
  name: "AssessmentSession",
  tableName: "assessment_sessions",
  properties: {
    id: p.uuid().$type<AssessmentId>().primary(),
    userId: p.uuid().$type<UserId>(),
    bankVersion: p.text(),
    status: p.text().$type<AssessmentStatus>(),
    /** How many different items have an answer. */
    answered: p.smallint().default(0),
    startedAt: p.datetime(),
    updatedAt: p.datetime(),
    completedAt: p.datetime().strictNullable().default(null),
    /** Made once it is completed; made again when the scoring is. */
    results: p.json<Results>().strictNullable().default(null),
  },
});

export class AssessmentSession extends AssessmentSessionSchema.class {}
AssessmentSessionSchema.setClass(AssessmentSession);

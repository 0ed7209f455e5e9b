import { defineEntity, p } from "@mikro-orm/core";
import type { AssessmentId, ItemId } from "../wire/assessments.ts";

/** The last answer to one item. Nobody but its person ever reads it. */
const AssessmentAnswerSchema = defineEntity({
  name: "AssessmentAnswer",
  tableName: "assessment_answers",
  properties: {
    sessionId: p.uuid().$type<AssessmentId>().primary(),
    itemId: p.text().$type<ItemId>().primary(),
    value: p.smallint(),
    /** Milliseconds from showing the item to the answer. */
    responseTimeMs: p.integer().strictNullable(),
    answeredAt: p.datetime(),
  },
});

export class AssessmentAnswer extends AssessmentAnswerSchema.class {}
AssessmentAnswerSchema.setClass(AssessmentAnswer);

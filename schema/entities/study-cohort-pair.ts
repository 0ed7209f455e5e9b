import { defineEntity, p } from "@mikro-orm/core";

/** A pair of a cohort. */
const StudyCohortPairSchema = defineEntity({
  name: "StudyCohortPair",
  tableName: "research_cohort_pairs",
  properties: {
    cohortId: p.uuid().primary(),
    pairKey: p.text().primary(),
    /** Nobody need agree any more, for whoever left let what was counted stay. */
    isSettled: p.boolean().default(false),
  },
});

export class StudyCohortPair extends StudyCohortPairSchema.class {}
StudyCohortPairSchema.setClass(StudyCohortPair);

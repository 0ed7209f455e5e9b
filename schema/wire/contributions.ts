import { z } from "zod";
import { Category, Composite, ItemId } from "./assessments.ts";

/** What is collected of people who take part in a study, beside telemetry. Kept as rows. */

const ScoreOrNone = z.int().min(0).max(100).nullable();

/** A completed assessment: what it came to, and the answers that a scale's reliability is worked out of. */
export const AssessmentGiven = z.strictObject({
  bankVersion: z.string(),
  scoringVersion: z.string(),
  composites: z.record(Composite, ScoreOrNone),
  subscales: z.record(Category, ScoreOrNone),
  values: z.partialRecord(ItemId, z.int().min(1).max(7)),
});
export type AssessmentGiven = z.infer<typeof AssessmentGiven>;

/** How many messages they sent that day; never what stood in them. */
export const MessagesGiven = z.strictObject({ sent: z.int().min(0) });
export type MessagesGiven = z.infer<typeof MessagesGiven>;

/** How many moments they had with their twin that day; never what was felt or said. */
export const MomentsGiven = z.strictObject({ moments: z.int().min(0) });
export type MomentsGiven = z.infer<typeof MomentsGiven>;

export type Contributed = AssessmentGiven | MessagesGiven | MomentsGiven;

export const ContributionKind = z.enum(["assessment", "messages", "moments"]);
export type ContributionKind = z.infer<typeof ContributionKind>;

const Cell = z.object({ band: z.string(), pairs: z.int().nullable() });

const Group = z.object({
  twinType: z.string(),
  born: z.string(),
  pairs: z.int(),
  tables: z.array(z.object({ measure: z.string(), cells: z.array(Cell).readonly() })).readonly(),
});

/** Of one scale: means and deviations in whole points, for pairs that have it. */
const ScaleReport = z.object({
  scale: z.string(),
  mean: z.int().nullable(),
  deviation: z.int().nullable(),
  /** Cronbach's, of the answers of all people who answered every item; two decimals. */
  alpha: z.number().nullable(),
});
export type ScaleReport = z.infer<typeof ScaleReport>;

export const Identifiability = z.object({
  pairs: z.int(),
  classes: z.int(),
  smallestClass: z.int(),
  classesTooSmall: z.int(),
  groups: z.int(),
  cells: z.int(),
  cellsWithheld: z.int(),
});

/** What is told of a cohort, and, for whoever has to say yes, how alike its pairs are. Kept as rows. */
export const CohortBody = z.object({
  groups: z.array(Group).readonly(),
  scales: z.array(ScaleReport).readonly(),
  identifiability: Identifiability,
  /** What had been collected by then: the same is counted again by it. */
  upTo: z.object({ contributions: z.int(), events: z.int() }),
  /** Whose words were agreed to: versions, each with the hashes of its texts. */
  consents: z.array(z.object({ version: z.int(), hashes: z.array(z.string()).readonly() })).readonly(),
});
export type CohortBody = z.infer<typeof CohortBody>;

import { z } from "zod";
import { PairId, UserId } from "./ids.ts";
import { storable } from "./text.ts";

/** The first ten tell of the relation between the twins, the last five of the person. */
export const Category = z.enum([
  "identity_fusion",
  "autonomy",
  "boundaries",
  "communication",
  "codependency",
  "differentiation",
  "attachment",
  "conflict_resolution",
  "partner_inclusion",
  "power_dynamics",
  "openness",
  "conscientiousness",
  "extraversion",
  "agreeableness",
  "neuroticism",
]);
export type Category = z.infer<typeof Category>;

/** CI: codependency index. ARI: autonomy and resilience index. TRS: transition risk score. */
export const Composite = z.enum(["CI", "ARI", "TRS"]);
export type Composite = z.infer<typeof Composite>;

export const PREFIXES = [
  "IF",
  "AU",
  "BO",
  "CO",
  "CD",
  "DI",
  "AT",
  "CR",
  "PI",
  "PD",
  "OP",
  "CN",
  "EX",
  "AG",
  "NE",
] as const;
export type Prefix = (typeof PREFIXES)[number];

const ORDINALS = ["001", "002", "003", "004", "005", "006", "007", "008", "009", "010"] as const;

export type ItemId = `${Prefix}${(typeof ORDINALS)[number]}`;

/** The ids of one category, 1 to 10 in order. */
export const itemIdsOf = (prefix: Prefix): readonly ItemId[] =>
  ORDINALS.map((ordinal): ItemId => `${prefix}${ordinal}`);

/** All 150, in the order in which they are shown. */
export const ITEM_IDS: readonly ItemId[] = PREFIXES.flatMap(itemIdsOf);

export const ItemId = z.enum(ITEM_IDS, "is no item of the bank");

/** From "strongly disagree" to "strongly agree". */
export const LOWEST = 1;
export const HIGHEST = 7;

const OUT_OF_SCALE = `must be a whole number from ${LOWEST} to ${HIGHEST}`;

/** Somebody who came back to an item next day did not think for a day. */
const MOST_RESPONSE_MS = 60 * 60 * 1000;

export const ItemResponse = z.strictObject({
  itemId: ItemId,
  value: z.int({ error: OUT_OF_SCALE, abort: true }).min(LOWEST, OUT_OF_SCALE).max(HIGHEST, OUT_OF_SCALE),
  /** From showing the item to the answer. Kept in whole milliseconds, an hour at most. */
  responseTimeMs: z
    .number()
    .min(0)
    .transform((ms) => Math.min(Math.round(ms), MOST_RESPONSE_MS))
    .optional(),
});
export type ItemResponse = z.infer<typeof ItemResponse>;

/** Every item, each of them corrected once, in one go: more than a phone that was offline has to say. */
export const BATCH = 300;

/** An item may come twice: its last answer counts. */
export const Responses = z.array(ItemResponse).max(BATCH, `must be at most ${BATCH} responses`);
export type Responses = z.infer<typeof Responses>;

export const GivenResponses = z.strictObject({ responses: Responses });

/** An assessment session: one person's way through one bank. Not a sign-in, which is a `SessionId`. */
export const AssessmentId = z.uuid().brand<"AssessmentId">();
export type AssessmentId = z.infer<typeof AssessmentId>;

export const AssessmentStatus = z.enum(["in_progress", "completed", "abandoned"]);
export type AssessmentStatus = z.infer<typeof AssessmentStatus>;

export const StartAssessment = z.strictObject({ bankVersion: storable(20).optional() });
export type StartAssessment = z.infer<typeof StartAssessment>;

/** With `isComplete` the session is scored; `responses` may then be empty. */
export const Respond = GivenResponses.extend({ isComplete: z.boolean().default(false) });
export type Respond = z.infer<typeof Respond>;

/** The same, as a command in the room. */
export const AnswerAssessment = z.strictObject({
  sessionId: AssessmentId,
  responses: Responses.refine((responses) => responses.length > 0, "must not be empty"),
  pairId: PairId.optional(),
});
export type AnswerAssessment = z.infer<typeof AnswerAssessment>;

/** The answer to a command in the room: how many different items have an answer now. */
export const Answered = z.object({ answered: z.int(), total: z.int() });
export type Answered = z.infer<typeof Answered>;

export const AssessmentView = z.object({
  id: AssessmentId,
  userId: UserId,
  bankVersion: z.string(),
  startDate: z.iso.datetime(),
  completionDate: z.iso.datetime().nullable(),
  /** The last answer to each item, in the bank's order. */
  responses: z.array(z.object({ itemId: ItemId, value: z.int(), responseTimeMs: z.int().optional() })).readonly(),
  answered: z.int(),
  total: z.int(),
  /** 0-100; 100 means every item. */
  currentProgress: z.int().min(0).max(100),
  isComplete: z.boolean(),
  status: AssessmentStatus,
});
export type AssessmentView = z.infer<typeof AssessmentView>;

/** Texts are kept in these languages; the keys never differ. */
export const Locale = z.enum(["en", "de", "es"]);
export type Locale = z.infer<typeof Locale>;

/** The items as they are shown. Which of them are reversed is nobody's business who is to answer them. */
export const BankView = z.object({
  version: z.string(),
  locale: Locale,
  scale: z.object({ min: z.int(), max: z.int(), minLabel: z.string(), maxLabel: z.string() }),
  categories: z
    .array(z.object({ id: Category, name: z.string(), about: z.enum(["relation", "person"]), items: z.int() }))
    .readonly(),
  items: z.array(z.object({ id: ItemId, category: Category, text: z.string() })).readonly(),
});
export type BankView = z.infer<typeof BankView>;

/** 0-100, or null if none of its items was answered. */
export const Score = z.int().min(0).max(100).nullable();
export type Score = z.infer<typeof Score>;

export const CompositeScores = z.record(Composite, Score);
export type CompositeScores = z.infer<typeof CompositeScores>;

export const SubscaleScores = z.record(Category, Score);
export type SubscaleScores = z.infer<typeof SubscaleScores>;

export const Level = z.enum(["very_low", "low", "moderate", "high", "very_high"]);
export type Level = z.infer<typeof Level>;

export const Profile = z.enum([
  "highly_enmeshed",
  "balanced_independent",
  "transition_vulnerable",
  "moderately_connected",
  "complex_dynamic",
]);
export type Profile = z.infer<typeof Profile>;

/** Why somebody is recommended something. */
export const Reason = z.enum([
  "codependency_index_high",
  "autonomy_resilience_low",
  "transition_risk_high",
  "identity_fusion_low",
  "autonomy_low",
  "boundaries_low",
  "communication_low",
  "codependency_low",
  "differentiation_low",
  "attachment_low",
  "conflict_resolution_low",
  "partner_inclusion_low",
  "power_dynamics_low",
]);
export type Reason = z.infer<typeof Reason>;

/** What makes the answers less telling. */
export const Warning = z.enum(["all_answers_equal", "answered_too_fast", "mostly_end_points"]);
export type Warning = z.infer<typeof Warning>;

/** What is kept of a completed session; made from its answers alone, and made again by another scoring version. */
export const Results = z.object({
  scoringVersion: z.string(),
  bankVersion: z.string(),
  answered: z.int(),
  total: z.int(),
  composites: CompositeScores,
  subscales: SubscaleScores,
  profile: Profile,
  recommendations: z.array(Reason).readonly(),
  warnings: z.array(Warning).readonly(),
});
export type Results = z.infer<typeof Results>;

export const Access = z.enum(["free", "premium"]);
export type Access = z.infer<typeof Access>;

const Percentile = z.int().min(10).max(95).nullable();

export const RecommendationView = z.object({
  reason: Reason,
  title: z.string(),
  why: z.string(),
  experiment: z.object({
    title: z.string(),
    duration: z.string(),
    durationDays: z.int(),
    instructions: z.array(z.string()).readonly(),
    outcome: z.string(),
    metrics: z.array(z.string()).readonly(),
  }),
});
export type RecommendationView = z.infer<typeof RecommendationView>;

export const FreeResultsView = z.object({
  access: z.literal("free"),
  scoringVersion: z.string(),
  bankVersion: z.string(),
  answered: z.int(),
  total: z.int(),
  composites: CompositeScores,
  levels: z.record(Composite, Level.nullable()),
  profile: z.object({ id: Profile, name: z.string(), description: z.string() }),
  warnings: z.array(z.object({ id: Warning, message: z.string() })).readonly(),
});
export type FreeResultsView = z.infer<typeof FreeResultsView>;

export const PremiumResultsView = FreeResultsView.extend({
  access: z.literal("premium"),
  subscales: SubscaleScores,
  subscaleLevels: z.record(Category, Level.nullable()),
  /** Read off a fixed table, not off other people's answers. */
  percentiles: z.object({
    approximate: z.literal(true),
    note: z.string(),
    composites: z.record(Composite, Percentile),
    subscales: z.record(Category, Percentile),
  }),
  recommendations: z.array(RecommendationView).readonly(),
});
export type PremiumResultsView = z.infer<typeof PremiumResultsView>;

export const ResultsView = z.discriminatedUnion("access", [FreeResultsView, PremiumResultsView]);
export type ResultsView = z.infer<typeof ResultsView>;

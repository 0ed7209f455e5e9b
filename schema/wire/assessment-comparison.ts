import { z } from "zod";
import { Category, Composite, Score } from "./assessments.ts";

/** A category in which two twins are strong together. */
export const StrengthReason = z.enum(["both_high", "both_low"]);
export type StrengthReason = z.infer<typeof StrengthReason>;

/** A category in which two twins have room to grow. */
export const GrowthReason = z.enum(["both_high", "both_low", "far_apart"]);
export type GrowthReason = z.infer<typeof GrowthReason>;

export const Risk = z.enum([
  "both_codependent",
  "both_low_resilience",
  "both_at_risk_in_transitions",
  "power_imbalance",
  "both_low_communication",
  "partner_left_out",
]);
export type Risk = z.infer<typeof Risk>;

/** Two scores of one thing, and how far they are apart (null unless both have one). */
const Pairing = { yours: Score, twins: Score, difference: Score };

export const FreeComparisonView = z.object({
  access: z.literal("free"),
  compatibility: z.int().min(0).max(100),
});

/** Everything but `yours` and `twins` is the same for both. */
export const PremiumComparisonView = FreeComparisonView.extend({
  access: z.literal("premium"),
  composites: z.array(z.object({ id: Composite, ...Pairing })).readonly(),
  categories: z.array(z.object({ id: Category, name: z.string(), ...Pairing })).readonly(),
  strengths: z.array(z.object({ category: Category, reason: StrengthReason, message: z.string() })).readonly(),
  growth: z.array(z.object({ category: Category, reason: GrowthReason, message: z.string() })).readonly(),
  risks: z.array(z.object({ id: Risk, message: z.string() })).readonly(),
});
export type PremiumComparisonView = z.infer<typeof PremiumComparisonView>;

export const ComparisonView = z.discriminatedUnion("access", [FreeComparisonView, PremiumComparisonView]);
export type ComparisonView = z.infer<typeof ComparisonView>;

import type { GrowthReason, Risk, StrengthReason } from "../wire/assessment-comparison.ts";
import type { Category, ItemId, Profile, Reason, Warning } from "../wire/assessments.ts";

/** A bank in one language: every item has a sentence, and nothing here knows how it is scored. */
export interface BankTexts {
  readonly scale: { readonly lowest: string; readonly highest: string };
  readonly categories: Readonly<Record<Category, string>>;
  readonly items: Readonly<Record<ItemId, string>>;
}

/** What somebody could try, and how they would notice whether it helps. */
export interface Recommendation {
  readonly title: string;
  readonly why: string;
  readonly experiment: {
    readonly title: string;
    readonly instructions: readonly string[];
    readonly outcome: string;
    readonly metrics: readonly string[];
  };
}

/** What is said about results, in one language. */
export interface ResultTexts {
  readonly days: (count: number) => string;
  readonly percentileNote: string;
  readonly profiles: Readonly<Record<Profile, { readonly name: string; readonly description: string }>>;
  readonly warnings: Readonly<Record<Warning, string>>;
  readonly strengths: Readonly<Record<StrengthReason, string>>;
  readonly growth: Readonly<Record<GrowthReason, string>>;
  readonly risks: Readonly<Record<Risk, string>>;
}

export type Recommendations = Readonly<Record<Reason, Recommendation>>;

import { recommendationTexts } from "../../schema/assessments/recommendations-1.0.0/index.ts";
import { resultTexts } from "../../schema/assessments/results-1.0.0/index.ts";
import type { ComparisonView } from "../../schema/wire/assessment-comparison.ts";
import {
  type Access,
  Category,
  Composite,
  type FreeResultsView,
  type Locale,
  type PremiumResultsView,
  type Reason,
  type RecommendationView,
  type Results,
  type ResultsView,
} from "../../schema/wire/assessments.ts";
import { nameOf } from "./bank.ts";
import { compare, difference } from "./comparison.ts";
import { perCategory, perComposite } from "./keys.ts";
import { levelOf } from "./levels.ts";
import { approximatePercentile } from "./percentiles.ts";
import { EXPERIMENT_DAYS } from "./recommendations.ts";

/** What everybody gets of their own results. */
function freeView(results: Results, locale: Locale): FreeResultsView {
  const { scoringVersion, bankVersion, answered, total, composites, profile, warnings } = results;
  const texts = resultTexts[locale];
  return {
    access: "free",
    scoringVersion,
    bankVersion,
    answered,
    total,
    composites,
    levels: perComposite((composite) => levelOf(composites[composite])),
    profile: { id: profile, ...texts.profiles[profile] },
    warnings: warnings.map((id) => ({ id, message: texts.warnings[id] })),
  };
}

function recommendationView(reason: Reason, locale: Locale): RecommendationView {
  const { experiment, ...recommendation } = recommendationTexts[locale][reason];
  const durationDays = EXPERIMENT_DAYS[reason];
  return {
    reason,
    ...recommendation,
    experiment: { ...experiment, durationDays, duration: resultTexts[locale].days(durationDays) },
  };
}

function premiumView(results: Results, locale: Locale): PremiumResultsView {
  const { composites, subscales, recommendations } = results;
  return {
    ...freeView(results, locale),
    access: "premium",
    subscales,
    subscaleLevels: perCategory((category) => levelOf(subscales[category])),
    percentiles: {
      approximate: true,
      note: resultTexts[locale].percentileNote,
      composites: perComposite((composite) => approximatePercentile(composites[composite])),
      subscales: perCategory((category) => approximatePercentile(subscales[category])),
    },
    recommendations: recommendations.map((reason) => recommendationView(reason, locale)),
  };
}

export const resultsView = (results: Results, access: Access, locale: Locale): ResultsView =>
  access === "premium" ? premiumView(results, locale) : freeView(results, locale);

/** The pair's comparison as `yours` sees it. Whether it may be seen at all (both done, both consenting) is asked before. */
export function comparisonView(yours: Results, twins: Results, access: Access, locale: Locale): ComparisonView {
  const { compatibility, strengths, growth, risks } = compare(yours, twins);
  if (access === "free") return { access, compatibility };
  const texts = resultTexts[locale];
  return {
    access,
    compatibility,
    composites: Composite.options.map((id) => ({
      id,
      yours: yours.composites[id],
      twins: twins.composites[id],
      difference: difference(yours.composites[id], twins.composites[id]),
    })),
    categories: Category.options.map((id) => ({
      id,
      name: nameOf(id, locale),
      yours: yours.subscales[id],
      twins: twins.subscales[id],
      difference: difference(yours.subscales[id], twins.subscales[id]),
    })),
    strengths: strengths.map((found) => ({ ...found, message: texts.strengths[found.reason] })),
    growth: growth.map((found) => ({ ...found, message: texts.growth[found.reason] })),
    risks: risks.map((id) => ({ id, message: texts.risks[id] })),
  };
}

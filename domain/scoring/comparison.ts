import type { GrowthReason, Risk, StrengthReason } from "../../schema/wire/assessment-comparison.ts";
import { Category, type Results, type Score } from "../../schema/wire/assessments.ts";
import { isAbove, isBelow } from "./levels.ts";

/** What two people's scores say together: the same whoever of them comes first. */
export interface Comparison {
  readonly compatibility: number;
  readonly strengths: readonly { readonly category: Category; readonly reason: StrengthReason }[];
  readonly growth: readonly { readonly category: Category; readonly reason: GrowthReason }[];
  readonly risks: readonly Risk[];
}

type Scores = Pick<Results, "composites" | "subscales">;

/** How much a category counts, in tenths: whole numbers add up the same in any order. */
const WEIGHTS: Readonly<Record<Category, number>> = {
  communication: 20,
  conflict_resolution: 20,
  boundaries: 18,
  codependency: 18,
  autonomy: 15,
  partner_inclusion: 15,
  identity_fusion: 15,
  power_dynamics: 15,
  attachment: 13,
  differentiation: 13,
  neuroticism: 10,
  agreeableness: 9,
  openness: 8,
  conscientiousness: 8,
  extraversion: 7,
};

/** Of these, little is good. */
const NEGATIVE: ReadonlySet<Category> = new Set(["codependency", "neuroticism", "identity_fusion", "power_dynamics"]);

/** With nothing to compare, neither well nor badly matched. */
const NOTHING_SHARED = 50;

const FAR_APART = 30;
const PENALTY = 10;

/** How far two scores are apart; null unless there are two. */
export const difference = (a: Score, b: Score): Score => (a === null || b === null ? null : Math.abs(a - b));

const bothAbove = (a: Score, b: Score, than: number) => isAbove(a, than) && isAbove(b, than);
const bothBelow = (a: Score, b: Score, than: number) => isBelow(a, than) && isBelow(b, than);

/** The weighted mean of how near they are, less ten if one of the first two composites is far apart. */
export function compatibilityOf(a: Scores, b: Scores): number {
  let nearness = 0;
  let weights = 0;
  for (const category of Category.options) {
    const apart = difference(a.subscales[category], b.subscales[category]);
    if (apart === null) continue;
    nearness += WEIGHTS[category] * (100 - apart);
    weights += WEIGHTS[category];
  }
  if (weights === 0) return NOTHING_SHARED;
  const isApart = (["CI", "ARI"] as const).some((id) =>
    isAbove(difference(a.composites[id], b.composites[id]), FAR_APART),
  );
  return Math.max(0, Math.round(nearness / weights - (isApart ? PENALTY : 0)));
}

function strengthOf(category: Category, a: Score, b: Score): StrengthReason | undefined {
  if (NEGATIVE.has(category)) return bothBelow(a, b, 40) ? "both_low" : undefined;
  return bothAbove(a, b, 60) ? "both_high" : undefined;
}

function growthOf(category: Category, a: Score, b: Score): GrowthReason | undefined {
  if (NEGATIVE.has(category) && bothAbove(a, b, 60)) return "both_high";
  if (!NEGATIVE.has(category) && bothBelow(a, b, 40)) return "both_low";
  return isAbove(difference(a, b), FAR_APART) ? "far_apart" : undefined;
}

function risksOf(a: Scores, b: Scores): Risk[] {
  const [{ composites: mine, subscales: my }, { composites: theirs, subscales: their }] = [a, b];
  const risks: Risk[] = [];
  if (bothAbove(mine.CI, theirs.CI, 70)) risks.push("both_codependent");
  if (bothBelow(mine.ARI, theirs.ARI, 30)) risks.push("both_low_resilience");
  if (bothAbove(mine.TRS, theirs.TRS, 70)) risks.push("both_at_risk_in_transitions");
  if (isAbove(difference(my.power_dynamics, their.power_dynamics), 40)) risks.push("power_imbalance");
  if (bothBelow(my.communication, their.communication, 30)) risks.push("both_low_communication");
  if (isBelow(my.partner_inclusion, 30) || isBelow(their.partner_inclusion, 30)) risks.push("partner_left_out");
  return risks;
}

/** A category may be a strength and an area of growth at once: strong in both, and still far apart. */
export function compare(a: Scores, b: Scores): Comparison {
  const found = <Reason>(reasonOf: (category: Category, a: Score, b: Score) => Reason | undefined) =>
    Category.options.flatMap((category) => {
      const reason = reasonOf(category, a.subscales[category], b.subscales[category]);
      return reason === undefined ? [] : [{ category, reason }];
    });
  return {
    compatibility: compatibilityOf(a, b),
    strengths: found(strengthOf),
    growth: found(growthOf),
    risks: risksOf(a, b),
  };
}

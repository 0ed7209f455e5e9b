import type { Category, CompositeScores, Reason, SubscaleScores } from "../../schema/wire/assessments.ts";
import { isAbove, isBelow, isLow } from "./levels.ts";

/** The subscales of the relation, and what a low one gives reason to. */
const LOW: readonly (readonly [Category, Reason])[] = [
  ["identity_fusion", "identity_fusion_low"],
  ["autonomy", "autonomy_low"],
  ["boundaries", "boundaries_low"],
  ["communication", "communication_low"],
  ["codependency", "codependency_low"],
  ["differentiation", "differentiation_low"],
  ["attachment", "attachment_low"],
  ["conflict_resolution", "conflict_resolution_low"],
  ["partner_inclusion", "partner_inclusion_low"],
  ["power_dynamics", "power_dynamics_low"],
];

/** How long each experiment is tried: long enough to notice something, short enough to begin. */
export const EXPERIMENT_DAYS: Readonly<Record<Reason, number>> = {
  codependency_index_high: 14,
  autonomy_resilience_low: 14,
  transition_risk_high: 21,
  identity_fusion_low: 7,
  autonomy_low: 14,
  boundaries_low: 14,
  communication_low: 7,
  codependency_low: 7,
  differentiation_low: 14,
  attachment_low: 21,
  conflict_resolution_low: 21,
  partner_inclusion_low: 21,
  power_dynamics_low: 14,
};

/** What somebody with these scores is recommended to try, the composites first. Its words are in `schema/assessments`. */
export function recommendationsFor({ CI, ARI, TRS }: CompositeScores, subscales: SubscaleScores): Reason[] {
  const reasons: Reason[] = LOW.flatMap(([category, reason]) => (isLow(subscales[category]) ? [reason] : []));
  if (isAbove(TRS, 60)) reasons.unshift("transition_risk_high");
  if (isBelow(ARI, 40)) reasons.unshift("autonomy_resilience_low");
  if (isAbove(CI, 60)) reasons.unshift("codependency_index_high");
  return reasons;
}

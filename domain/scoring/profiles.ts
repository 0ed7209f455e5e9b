import type { CompositeScores, Profile, Score } from "../../schema/wire/assessments.ts";
import { isAbove, isBelow } from "./levels.ts";

const isMiddling = (score: Score): boolean => score !== null && !isBelow(score, 40) && !isAbove(score, 60);

/** The first that fits. */
export function profileOf({ CI, ARI, TRS }: CompositeScores): Profile {
  if (isAbove(CI, 60) && isBelow(ARI, 40)) return "highly_enmeshed";
  if (isBelow(CI, 40) && isAbove(ARI, 60)) return "balanced_independent";
  if (isAbove(TRS, 60)) return "transition_vulnerable";
  if (isMiddling(CI) && isMiddling(ARI)) return "moderately_connected";
  return "complex_dynamic";
}

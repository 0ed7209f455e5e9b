import { GivenResponses, type Results } from "../../schema/wire/assessments.ts";
import { parse } from "../refusal.ts";
import { inOrder, NONE, requireEnough, TOTAL, withResponses } from "./answers.ts";
import { requireBank } from "./bank.ts";
import { composites } from "./composites.ts";
import { profileOf } from "./profiles.ts";
import { warningsFor } from "./quality.ts";
import { recommendationsFor } from "./recommendations.ts";
import { subscales } from "./subscales.ts";

/** Kept with every result. Whoever changes what comes out of `score` for the same answers raises it. */
export const SCORING_VERSION = "1.0.0";

/**
 * From a person's answers to what they mean: the same answers give the same results, however often and in whatever
 * order they come. Throws VALIDATION_ERROR for anything that is no answer, GONE for a bank there is no more, and
 * INSUFFICIENT_COMPLETION below 105 items.
 */
export function score(responses: unknown, bankVersion: string): Results {
  requireBank(bankVersion);
  const answers = withResponses(NONE, parse(GivenResponses, { responses }).responses);
  requireEnough(answers.size);
  const given = inOrder(answers);
  const values = new Map(given.map(({ itemId, value }) => [itemId, value]));
  const bySubscale = subscales(values);
  const byComposite = composites(values);
  return {
    scoringVersion: SCORING_VERSION,
    bankVersion,
    answered: given.length,
    total: TOTAL,
    composites: byComposite,
    subscales: bySubscale,
    profile: profileOf(byComposite),
    recommendations: recommendationsFor(byComposite, bySubscale),
    warnings: warningsFor(given),
  };
}

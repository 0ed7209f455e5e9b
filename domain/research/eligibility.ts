import { ageOn } from "../birthdays.ts";

/** Nobody younger takes part, whatever a study wants. */
export const ADULT = 18;

/** Why somebody may not take part, or that they may. */
export type Eligibility = "eligible" | "age_unknown" | "too_young" | "twin_missing";

interface Asking {
  readonly birthDate: string | null;
  readonly hasTwin: boolean;
}

/** As of `today`, a day: who was of age when they agreed and says now that they are not, is not. */
export function eligibilityFor(
  { bothTwins }: { readonly bothTwins: boolean },
  { birthDate, hasTwin }: Asking,
  today: string,
): Eligibility {
  if (birthDate === null) return "age_unknown";
  if (ageOn(today, birthDate) < ADULT) return "too_young";
  return bothTwins && !hasTwin ? "twin_missing" : "eligible";
}

import { type CountedPair, cohortOf, type Group, type Measure } from "./cohorts.ts";

/** Pairs that were first told of together, and what was told. */
export interface Cohort {
  readonly number: number;
  readonly keys: readonly string[];
  readonly groups: readonly Group[];
}

interface Given {
  /** All that there ever were. */
  readonly cohorts: readonly Cohort[];
  /** Whether what was told of a pair may be told again. */
  readonly mayTell: (key: string) => boolean;
  /** Who may be told of now. */
  readonly pairs: readonly CountedPair[];
  readonly measures: readonly Measure[];
}

/**
 * What a release consists of: each cohort as it was told before, if all in it may still be told of, and otherwise not
 * at all; and whoever has been in none, if they are enough to be one. A cohort is never counted again with one pair
 * less, for that one could be read off the difference; who comes late waits for company.
 */
export function composed({ cohorts, mayTell, pairs, measures }: Given): readonly Cohort[] {
  const kept = cohorts.filter(({ keys }) => keys.every(mayTell));
  const before = new Set(cohorts.flatMap(({ keys }) => keys));
  const fresh = pairs.filter(({ key }) => !before.has(key));
  const groups = cohortOf(fresh, measures);
  if (!groups) return kept;
  return [...kept, { number: cohorts.length + 1, keys: fresh.map(({ key }) => key).sort(), groups }];
}

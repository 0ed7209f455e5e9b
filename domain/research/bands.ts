import type { Score } from "../../schema/wire/assessments.ts";
import { Level } from "../../schema/wire/assessments.ts";
import { levelOf } from "../scoring/levels.ts";

/** Where there is nothing to tell: of whom it is not known must not be told either, so it is a band like the others. */
export const UNKNOWN = "unknown";

export const SCORE_BANDS: readonly string[] = [...Level.options, UNKNOWN];

/** What two people have, or what one has where there is one. */
type OfPair = readonly Score[];

const known = (scores: OfPair): number[] => scores.filter((score) => score !== null);

/** Of the mean of what is known. */
export function scoreBand(scores: OfPair): string {
  const given = known(scores);
  return levelOf(given.length === 0 ? null : meanOf(given)) ?? UNKNOWN;
}

/** Each band ends below its number. */
type Ends = readonly (readonly [number, string])[];

const DIFFERENCES: Ends = [
  [10, "under 10"],
  [20, "10 to 19"],
  [40, "20 to 39"],
  [Number.POSITIVE_INFINITY, "40 or more"],
];

export const DIFFERENCE_BANDS: readonly string[] = [...DIFFERENCES.map(([, name]) => name), UNKNOWN];

/** How far apart the two are; unknown of one. */
export function differenceBand(scores: OfPair): string {
  const [one, other] = known(scores);
  return one === undefined || other === undefined ? UNKNOWN : bandIn(DIFFERENCES, Math.abs(one - other));
}

const COUNTS: Ends = [
  [1, "none"],
  [10, "1 to 9"],
  [50, "10 to 49"],
  [200, "50 to 199"],
  [Number.POSITIVE_INFINITY, "200 or more"],
];

export const COUNT_BANDS: readonly string[] = [...COUNTS.map(([, name]) => name), UNKNOWN];

/** Of the mean of what each day counted, rounded; unknown if no day did. */
export const countBand = (days: readonly number[]): string =>
  days.length === 0 ? UNKNOWN : bandIn(COUNTS, Math.round(meanOf(days)));

const bandIn = (ends: Ends, value: number): string => ends.find(([end]) => value < end)?.[1] ?? UNKNOWN;

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The ten years somebody was born in: it stays the same as they grow older, so nobody moves from group to group. */
export const decadeOf = (birthDate: string): string => `${birthDate.slice(0, 3)}0s`;

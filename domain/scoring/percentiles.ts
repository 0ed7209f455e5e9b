import type { Score } from "../../schema/wire/assessments.ts";

/** Up to and including the first number, the second. */
const TABLE: readonly (readonly [number, number])[] = [
  [20, 10],
  [35, 25],
  [50, 50],
  [65, 75],
  [80, 90],
];

const TOP = 95;

/** Approximate: a fixed table stands in for a norm sample nobody has drawn yet. Whoever shows it says so. */
export function approximatePercentile(score: Score): number | null {
  if (score === null) return null;
  return TABLE.find(([upTo]) => score <= upTo)?.[1] ?? TOP;
}

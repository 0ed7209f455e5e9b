import type { Level, Score } from "../../schema/wire/assessments.ts";

/** What has no answer is neither above nor below anything. */
export const isAbove = (score: Score, than: number): boolean => score !== null && score > than;
export const isBelow = (score: Score, than: number): boolean => score !== null && score < than;

/** Each level ends below its number. */
const ENDS: readonly (readonly [number, Level])[] = [
  [16, "very_low"],
  [37, "low"],
  [63, "moderate"],
  [84, "high"],
];

export function levelOf(score: Score): Level | null {
  if (score === null) return null;
  return ENDS.find(([end]) => score < end)?.[1] ?? "very_high";
}

export const isLow = (score: Score): boolean => {
  const level = levelOf(score);
  return level === "low" || level === "very_low";
};

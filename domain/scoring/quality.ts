import { HIGHEST, type ItemResponse, LOWEST, type Warning } from "../../schema/wire/assessments.ts";

/** Ten answers may well be equal; a hundred may not. */
const EQUAL_BY_CHANCE = 10;

/** Faster, nobody has read the sentence. On average, in milliseconds. */
const READING_MS = 1000;

/** The share of 1s and 7s beyond which somebody shouts rather than answers. */
const END_POINTS = 0.8;

const areEqual = (answers: readonly ItemResponse[]): boolean =>
  answers.length > EQUAL_BY_CHANCE && answers.every(({ value }) => value === answers[0]?.value);

/** Answers that came without a time say nothing about the pace. */
function areTooFast(answers: readonly ItemResponse[]): boolean {
  const times = answers.flatMap(({ responseTimeMs }) => responseTimeMs ?? []);
  const total = times.reduce((sum, ms) => sum + ms, 0);
  return total < READING_MS * times.length;
}

const areExtreme = (answers: readonly ItemResponse[]): boolean =>
  answers.filter(({ value }) => value === LOWEST || value === HIGHEST).length > END_POINTS * answers.length;

/** What makes these answers, one of each item, less telling. It warns, and changes no score. */
export function warningsFor(answers: readonly ItemResponse[]): Warning[] {
  const warnings: Warning[] = [];
  if (areEqual(answers)) warnings.push("all_answers_equal");
  if (areTooFast(answers)) warnings.push("answered_too_fast");
  if (areExtreme(answers)) warnings.push("mostly_end_points");
  return warnings;
}

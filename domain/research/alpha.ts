/** A row a person, a column an item. */
export type AnswerTable = readonly (readonly number[])[];

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of a sample: by one less than there are. */
export function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}

/**
 * How far the items of a scale say the same, by Cronbach (1951): k / (k - 1) x (1 - the items' variances / that of the
 * sum). Of real answers, reversed where an item is; who left one out is not in it. Null where it says nothing: fewer
 * than two people or items, or everybody alike. May be below 0.
 */
export function cronbachAlpha(answers: AnswerTable): number | null {
  const [first] = answers;
  const items = first?.length ?? 0;
  if (answers.length < 2 || items < 2) return null;
  const ofSum = variance(answers.map((row) => row.reduce((sum, value) => sum + value, 0)));
  if (ofSum === 0) return null;
  const ofItems = Array.from({ length: items }, (_, item) => variance(answers.map((row) => row[item] ?? 0)));
  return (items / (items - 1)) * (1 - ofItems.reduce((sum, one) => sum + one, 0) / ofSum);
}

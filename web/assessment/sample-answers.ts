import type { BankView, ItemId, ItemResponse } from "../../schema/wire/assessments.ts";

/** As few as are scored. */
export const ENOUGH = 105;

/** Some of each category: seven of ten. */
const OF_TEN = 7;

/** Answers for whoever only wants to see what comes of them: up to 105, the same again for the same person. */
export function sampleAnswers(
  { items }: Pick<BankView, "items">,
  given: ReadonlyMap<ItemId, number>,
  whose: string,
): readonly ItemResponse[] {
  const open = items.map(({ id }, n) => ({ itemId: id, n })).filter(({ itemId }) => !given.has(itemId));
  const first = open.filter(({ n }) => n % 10 < OF_TEN);
  const rest = open.filter(({ n }) => n % 10 >= OF_TEN);
  const missing = Math.max(0, ENOUGH - given.size);
  const seed = [...whose].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  return [...first, ...rest].slice(0, missing).map(({ itemId, n }) => ({ itemId, value: leaning(seed, n) }));
}

/** Most people lean somewhere in a category, and not the same way throughout. */
const leaning = (seed: number, n: number): number => {
  const lean = (seed * (Math.floor(n / 10) + 3)) % 5;
  return 1 + lean + ((seed + n * 7) % 3);
};

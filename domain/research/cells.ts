/** Nothing is told of fewer pairs. Pairs are counted and not people: twins are as good as one to whoever knows them. */
export const FEWEST_PAIRS = 11;

/**
 * What may be told of a table whose sum is known: null where a count is withheld. A count under the fewest is, and then
 * so is the smallest of the others with its equals, or it could be told from the sum. It goes by the counts alone and
 * never by their places, so whoever knows this rule and all that is told can still exchange any two that are withheld;
 * and they are not all alike, unless nothing is told at all.
 */
export function toldOf(counts: readonly number[], fewest = FEWEST_PAIRS): (number | null)[] {
  const others = counts.filter((count) => count >= fewest);
  if (others.length === counts.length) return [...counts];
  const cover = Math.min(...others);
  return counts.map((count) => (count > cover ? count : null));
}

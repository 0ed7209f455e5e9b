import assert from "node:assert/strict";
import fc from "fast-check";
import { FEWEST_PAIRS, toldOf } from "../../../domain/research/cells.ts";

/** Every table of so many cells with that sum. */
function* tables(cells: number, sum: number): Generator<number[]> {
  if (cells === 1) return yield [sum];
  for (let first = 0; first <= sum; first++) for (const rest of tables(cells - 1, sum - first)) yield [first, ...rest];
}

/**
 * Somebody who knows the rule and the sum, and has time: of all tables there could be, those of which the same would be
 * told. For each table that is told alike, the values each withheld cell may have.
 */
function attacked(rule: typeof toldOf, cells: number, sum: number, fewest: number): string[] {
  const alike = Map.groupBy(tables(cells, sum), (table) => JSON.stringify(rule(table, fewest)));
  return [...alike].flatMap(([told, possible]) =>
    Array.from({ length: cells }, (_, cell) => new Set(possible.map((table) => table[cell] ?? 0)))
      .filter((values) => values.size === 1 && [...values].every((value) => value < fewest))
      .map((values) => `${told}: ${[...values]}`),
  );
}

/** As it is often done: withhold what is small, and one more if that is the only one. */
const oneMore: typeof toldOf = (counts, fewest = FEWEST_PAIRS) => {
  const small = counts.filter((count) => count < fewest).length;
  const smallest = Math.min(...counts.filter((count) => count >= fewest));
  const at = small === 1 ? counts.indexOf(smallest) : -1;
  return counts.map((count, cell) => (count < fewest || cell === at ? null : count));
};

describe("what may be told of a table", () => {
  it("[RL1] 11 pairs in a cell are told, 10 are not, and nothing is told of 0", () => {
    assert.equal(FEWEST_PAIRS, 11);
    assert.deepEqual(toldOf([11, 12, 40]), [11, 12, 40]);
    assert.deepEqual(toldOf([10, 12, 40]), [null, null, 40]);
    assert.deepEqual(toldOf([0, 12, 40]), [null, null, 40]);
    assert.deepEqual(toldOf([0, 0, 52]), [null, null, null]);
    assert.deepEqual(toldOf([10, 10]), [null, null]);
  });

  it("[RL2] the smallest of the others is withheld with its equals, so that what is left is a sum of many", () => {
    assert.deepEqual(toldOf([3, 20, 20, 21]), [null, null, null, 21]);
    assert.deepEqual(toldOf([5, 20, 40, 25, 8]), [null, null, 40, 25, null]);
  });

  for (const [cells, fewest] of [
    [2, 4],
    [3, 4],
    [4, 3],
    [5, 3],
  ] as const)
    it(`[RL2] who knows the rule, the sum and all that is told works no small cell out: ${cells} cells, ${fewest} at least`, () => {
      for (let sum = fewest; sum <= cells * (fewest + 1); sum++)
        assert.deepEqual(attacked(toldOf, cells, sum, fewest), []);
    });

  it("[RL2] the same attacker works them out where only one more is withheld", () => {
    const found = Array.from({ length: 20 }, (_, sum) => attacked(oneMore, 4, sum + 3, 3)).flat();
    assert.notDeepEqual(found, []);
  });

  it("[RL2] what is withheld is 11 pairs together or more, whatever the table", () => {
    const table = fc
      .array(fc.nat(60), { minLength: 2, maxLength: 8 })
      .filter((counts) => counts.reduce((sum, count) => sum + count, 0) >= FEWEST_PAIRS);
    fc.assert(
      fc.property(table, (counts) => {
        const told = toldOf(counts);
        const hidden = counts.filter((_, at) => told[at] === null);
        assert.ok(told.every((count) => count === null || count >= FEWEST_PAIRS));
        assert.ok(hidden.length !== 1);
        if (hidden.length > 0) assert.ok(hidden.reduce((sum, count) => sum + count, 0) >= FEWEST_PAIRS);
      }),
    );
  });
});

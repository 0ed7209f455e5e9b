import fc from "fast-check";
import { score } from "../../domain/scoring/score.ts";
import { ITEM_IDS, type ItemId, type ItemResponse, type Prefix, type Results } from "../../schema/wire/assessments.ts";

export const BANK = "1.0.0";

/** Every item answered, with one value or with what the item is given. */
export const allOf = (value: number | ((id: ItemId) => number)): ItemResponse[] =>
  ITEM_IDS.map((itemId) => ({ itemId, value: typeof value === "number" ? value : value(itemId) }));

export const prefixOf = (id: ItemId): string => id.slice(0, 2);

/** `value` in some categories, and 4 in all the others. */
export const allBut = (prefixes: readonly Prefix[], value: number): ItemResponse[] =>
  allOf((id) => (prefixes.some((prefix) => prefix === prefixOf(id)) ? value : 4));

export const resultsOf = (responses: readonly ItemResponse[]): Results => score(responses, BANK);

const value = fc.integer({ min: 1, max: 7 });

/** Anybody's answers: all 150, or as few as may be completed, in any order. */
export const anyAnswers: fc.Arbitrary<ItemResponse[]> = fc
  .shuffledSubarray([...ITEM_IDS], { minLength: 105 })
  .chain((ids) =>
    fc
      .array(value, { minLength: ids.length, maxLength: ids.length })
      .map((values) => ids.map((itemId, at) => ({ itemId, value: values[at] ?? 4 }))),
  );

export const anyItem = fc.constantFrom(...ITEM_IDS);

import { HIGHEST, type ItemId, LOWEST, type Score, type SubscaleScores } from "../../schema/wire/assessments.ts";
import { ITEMS, type Item, perCategory, reverse } from "./keys.ts";

/** The value, 1 to 7, that counts for each item that has an answer. */
export type Values = ReadonlyMap<ItemId, number>;

const SPAN = HIGHEST - LOWEST;

/**
 * The weighted mean of the answered items, 1 to 7 drawn out to 0 to 100, rounded; null if none was answered. Summed in
 * whole steps and divided once, so neither the order of the items nor binary fractions ever turn a half the other way.
 */
export function weightedMean(items: readonly Item[], values: Values): Score {
  let steps = 0;
  let weights = 0;
  for (const { id, reversed, weight } of items) {
    const value = values.get(id);
    if (value === undefined) continue;
    steps += weight * ((reversed ? reverse(value) : value) - LOWEST);
    weights += weight;
  }
  return weights === 0 ? null : Math.round((100 * steps) / (SPAN * weights));
}

const SUBSCALES = perCategory((category) => ITEMS.filter((item) => item.category === category));

export const subscales = (values: Values): SubscaleScores =>
  perCategory((category) => weightedMean(SUBSCALES[category], values));

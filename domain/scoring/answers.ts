import { ITEM_IDS, type ItemId, type ItemResponse } from "../../schema/wire/assessments.ts";
import { Refusal } from "../refusal.ts";

/** The last answer to each item. */
export type Answers = ReadonlyMap<ItemId, ItemResponse>;

export const TOTAL = ITEM_IDS.length;

/** Seven items of ten: with fewer, too many subscales would rest on a sentence or two. */
export const ENOUGH = Math.ceil((7 * TOTAL) / 10);

export const NONE: Answers = new Map();

/** What holds after a batch: the last answer to an item wins, also within the batch. */
export function withResponses(answers: Answers, batch: readonly ItemResponse[]): Answers {
  const next = new Map(answers);
  for (const response of batch) next.set(response.itemId, response);
  return next;
}

/** In the bank's order, whatever order they were given in. */
export const inOrder = (answers: Answers): ItemResponse[] => ITEM_IDS.flatMap((id) => answers.get(id) ?? []);

/** 0-100, and 100 only once every item is answered. */
export const progressOf = (answered: number): number => Math.floor((100 * answered) / TOTAL);

/** Throws INSUFFICIENT_COMPLETION until 105 items have an answer. */
export function requireEnough(answered: number): void {
  if (answered >= ENOUGH) return;
  const missing = ENOUGH - answered;
  throw new Refusal(
    "INSUFFICIENT_COMPLETION",
    `${answered} of ${TOTAL} items are answered: ${missing} more and it can be completed`,
  );
}

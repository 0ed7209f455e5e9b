import { FEWEST_PAIRS } from "./cells.ts";

/**
 * How many pairs there are at least, in elevens; null for fewer than eleven. A count that goes on by one each time
 * somebody joins tells, by taking away, of that one. This one goes on by eleven, so of whatever two of them are held
 * against each other, another day's or another question's, the difference is nobody's alone.
 */
export const atLeast = (pairs: number): number | null => (pairs < FEWEST_PAIRS ? null : pairs - (pairs % FEWEST_PAIRS));

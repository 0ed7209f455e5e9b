import { DAY_MS } from "./pair-day.ts";

/** Days on which there was a moment, each once, oldest first; as dates. */
export function runsOf(days: readonly string[], today: string): { longest: number; current: number } {
  let longest = 0;
  let run = 0;
  let before: string | undefined;
  for (const day of days) {
    run = before !== undefined && dayAfter(before) === day ? run + 1 : 1;
    longest = Math.max(longest, run);
    before = day;
  }
  // A run lasts until a whole day went by without a moment.
  const isAlive = before !== undefined && (before >= today || dayAfter(before) === today);
  return { longest, current: isAlive ? run : 0 };
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);
}

/** Moments of the last 30 days, and those of them that were sure by more than 0.8. */
export function syncScore(moments: number, sure: number): number {
  return Math.min(100, 2 * moments + 5 * sure);
}

/** Of so many days the score is made, and what chance would have made is compared. */
export const SCORED_DAYS = 30;

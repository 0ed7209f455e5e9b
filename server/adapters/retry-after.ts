/** Nobody waits longer than that for a provider's word. */
const MOST_MS = 15 * 60_000;

/** What a Retry-After header asks for, in milliseconds; undefined if it says nothing one can count. */
export function retryAfterMs(header: unknown): number | undefined {
  const seconds = Number(header);
  if (header === undefined || header === null || !Number.isFinite(seconds) || seconds < 0) return undefined;
  return Math.min(MOST_MS, Math.max(1000, seconds * 1000));
}

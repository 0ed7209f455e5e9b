import { setTimeout as wait } from "node:timers/promises";

const AGAIN_MS = 200;

/**
 * Tries until it is our turn; `waits` hears once if it is not at once. Whoever waited for a lock inside PostgreSQL would
 * hold a connection meanwhile, and behind a small pooler those who wait take the last one from whom they wait for.
 *
 * @param attempt does the work if the turn is ours, and says whether it was.
 */
export async function inTurn(attempt: () => Promise<boolean>, waits: () => void): Promise<void> {
  if (await attempt()) return;
  waits();
  do await wait(AGAIN_MS);
  while (!(await attempt()));
}

import type { Pool } from "pg";

/** It changes once a month, and Prometheus asks every few seconds. */
const KEPT_MS = 60_000;

/** By name, as migrations and jobs make them: messages_202611 holds November 2026. */
const MONTHS_AHEAD = `
select count(*)::int as ahead from pg_inherits i join pg_class c on c.oid = i.inhrelid
 where i.inhparent = 'messages'::regclass and c.relname > 'messages_' || to_char(now() at time zone 'UTC', 'YYYYMM')`;

/**
 * How many months after this one messages have a place for. Without one, every send of that month would fail as if it
 * were poisoned. Undefined while the database does not answer.
 */
export const monthsAhead = (pool: Pool): (() => Promise<number | undefined>) =>
  askedSeldom(async () => {
    const { rows } = await pool.query<{ ahead: number }>(MONTHS_AHEAD);
    return rows[0]?.ahead;
  });

/** Asks once a minute at most, and again at once if there was no answer. */
export function askedSeldom(ask: () => Promise<number | undefined>): () => Promise<number | undefined> {
  let kept: { readonly at: number; readonly answer: Promise<number | undefined> } | undefined;
  const answerOf = async () => {
    try {
      return await ask();
    } catch {
      kept = undefined;
      return undefined;
    }
  };
  return () => {
    if (!kept || performance.now() - kept.at > KEPT_MS) kept = { at: performance.now(), answer: answerOf() };
    return kept.answer;
  };
}

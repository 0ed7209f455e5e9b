import type { AnswerSheets, Sheet } from "../../../domain/assessments.ts";
import { asked, plainList } from "./asked.ts";

/**
 * Who writes holds the session's row, so of several at once each finds what the others left; of a repeated item the last
 * answer stands. Whatever is no open session of that bank takes nothing, and is told apart by the caller. `xmax` is 0 in
 * a row that was inserted, and not in one that was there.
 */
const PUT = `
with held as materialized (
  select id, status, bank_version, answered from assessment_sessions
  where id = ?::uuid and user_id = ?::uuid for no key update
), put as (
  insert into assessment_answers (session_id, item_id, value, response_time_ms, answered_at)
  select held.id, given.item_id, given.value, given.ms, ?::timestamptz
  from held, unnest(?::text[], ?::int[], ?::int[]) given (item_id, value, ms)
  where held.status = 'in_progress' and held.bank_version = ?
  on conflict (session_id, item_id) do update
    set value = excluded.value, response_time_ms = excluded.response_time_ms, answered_at = excluded.answered_at
  returning xmax = 0 as is_new
), moved as (
  update assessment_sessions s
  set answered = s.answered + (select count(*) from put where is_new),
    updated_at = greatest(s.updated_at, ?::timestamptz)
  from held where s.id = held.id and held.status = 'in_progress' and held.bank_version = ?
  returning s.answered
)
select status, bank_version as "bankVersion", coalesce((select answered from moved), answered) as answered from held`;

/** People's answers, where they are kept. */
export const databaseAnswerSheets: AnswerSheets = {
  async put(em, { sessionId, userId, bankVersion }, responses, at) {
    const [items, values, times] = [
      plainList(responses.map(({ itemId }) => itemId)),
      plainList(responses.map(({ value }) => value)),
      plainList(responses.map(({ responseTimeMs }) => responseTimeMs ?? "null")),
    ];
    const now = new Date(at).toISOString();
    const [sheet] = await asked<Sheet>(em, PUT, [
      ...[sessionId, userId, now, items, values, times, bankVersion, now, bankVersion],
    ]);
    return sheet;
  },
};

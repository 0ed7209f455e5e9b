import type { OpenedDatabase } from "../server/adapters/database/open.ts";

/**
 * A past for the pairs numbered `from` to below `pairs`: so many messages each, a minute apart, the last a minute ago. As
 * rooms would have written them, but for what finds words.
 */
export async function remember(
  { pool }: OpenedDatabase,
  { from, pairs, messages }: { from: number; pairs: number; messages: number },
): Promise<void> {
  if (messages === 0) return;
  // One moment for all statements, since an id is made of it.
  const now = `to_timestamp(${Math.floor(Date.now() / 1000)})`;
  const people = `pair_rooms r join pairs p on p.id = r.pair_id
    where p.id between ${pairId(from)} and ${pairId(pairs - 1)}`;
  const at = `${now} - (${messages + 1} - n) * interval '1 minute'`;
  const rows = `(select r.pair_id, n, case n % 2 when 0 then p.low_user_id else p.high_user_id end as sender,
      ${at} as at, ${idAt(at)} as id
    from generate_series(1, ${messages}) n, ${people}) m`;
  await pool.query(`
    insert into messages (pair_id, id, seq, version, sender_id, key, type, text, sent_at)
    select pair_id, id, n, n, sender, 'past-' || n, 'text', 'It was the coffee, the ' || n || 'th time', at from ${rows}`);
  await pool.query(`
    insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, at)
    select pair_id, n, n, n, 'chat.message_sent', id, sender, 'past-' || n, at from ${rows}`);
  await pool.query(`
    update pair_rooms set revision = ${messages}, version = ${messages}, last_seq = ${messages}, last_id = m.id
    from (select pair_id as of, id from ${rows} where n = ${messages}) m where pair_id = m.of`);
  await pool.query("analyze");
}

const pairId = (n: number) => `'00000003-0000-7000-8000-${String(n).padStart(12, "0")}'::uuid`;

/** UUIDv7, which names the month its message lies in. */
const idAt = (at: string): string =>
  `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '70008000' || lpad(n::text, 12, '0'))::uuid`;

import type pg from "pg";

/** What must be true of every database of ours, and how many rows it is not true of. */
const TRUTHS: readonly (readonly [truth: string, wrong: string])[] = [
  [
    "every room's head is where its journal and its messages end",
    `select count(*) as wrong from pair_rooms h
     left join lateral (select max(seq) as seq, max(version) as version, max(revision) as revision
       from journal j where j.pair_id = h.pair_id) j on true
     left join lateral (select count(*) as count from messages m where m.pair_id = h.pair_id) m on true
     where h.last_seq <> coalesce(j.seq, 0) or h.version <> coalesce(j.version, 0)
       or h.revision < coalesce(j.revision, 0) or m.count <> h.last_seq - h.first_seq + 1`,
  ],
  [
    "messages are numbered without a gap",
    `select count(*) as wrong from (select pair_id from journal where seq is not null
     group by pair_id having count(*) <> max(seq) - min(seq) + 1) gaps`,
  ],
  [
    "every journal and every message has its room",
    `select (select count(distinct pair_id) from journal j where not exists (select from pair_rooms h where h.pair_id = j.pair_id))
       + (select count(distinct pair_id) from messages m where not exists (select from pair_rooms h where h.pair_id = m.pair_id)) as wrong`,
  ],
  [
    "nobody has received or read what was never said",
    `select count(*) as wrong from watermarks w join pair_rooms h using (pair_id)
     where greatest(w.delivered_seq, w.read_seq) > h.last_seq`,
  ],
  [
    "every pair has its two, and no open one but both",
    `select count(*) as wrong from pairs p where (select count(*) from pair_members m
     where m.pair_id = p.id and (p.status = 'closed' or m.is_active)) <> 2`,
  ],
  ["every index is whole", "select count(*) as wrong from pg_index where not indisvalid or not indisready"],
  [
    "messages of this month have a place",
    "select (to_regclass('messages_' || to_char(current_date, 'YYYYMM')) is null)::int as wrong",
  ],
];

export interface Untruth {
  readonly truth: string;
  /** How many pairs, rows or indexes. */
  readonly wrong: number;
}

/** Every truth that does not hold; it reads all there is, so it takes its time on a large database. */
export async function untruths(client: pg.ClientBase): Promise<readonly Untruth[]> {
  const found: Untruth[] = [];
  for (const [truth, sql] of TRUTHS) {
    const { rows } = await client.query<{ wrong: string }>(sql);
    const wrong = Number(rows[0]?.wrong ?? 0);
    if (wrong > 0) found.push({ truth, wrong });
  }
  return found;
}

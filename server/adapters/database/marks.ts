import type { Pool } from "pg";
import type { Archive } from "../../../domain/history.ts";
import type { MarkStore } from "../../../rooms/marks-keeper.ts";
import { asking } from "./unavailable.ts";

/** Rows are taken in one order, so that two processes raising the same marks wait for each other and never deadlock. */
const RAISE = `
insert into watermarks as w (pair_id, user_id, delivered_seq, read_seq, shown_read_seq)
select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[]) as m(pair_id, user_id, d, r, s)
order by pair_id, user_id
on conflict (pair_id, user_id) do update set
  delivered_seq = greatest(w.delivered_seq, excluded.delivered_seq),
  read_seq = greatest(w.read_seq, excluded.read_seq),
  shown_read_seq = greatest(w.shown_read_seq, excluded.shown_read_seq)`;

export function databaseMarks(database: Pick<Pool, "query">, { marks }: Pick<Archive, "marks">): MarkStore {
  const pool = asking(database);
  return {
    marks,
    async raise(all) {
      await pool.query(RAISE, [
        all.map(({ pairId }) => pairId),
        all.map(({ userId }) => userId),
        all.map(({ deliveredSeq }) => deliveredSeq),
        all.map(({ readSeq }) => readSeq),
        all.map(({ shownReadSeq }) => shownReadSeq),
      ]);
    },
  };
}

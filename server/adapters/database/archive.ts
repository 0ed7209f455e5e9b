import type { Pool } from "pg";
import type { Archive, Change } from "../../../domain/history.ts";
import type { Marks } from "../../../domain/room/marks.ts";
import { UserId } from "../../../schema/wire/ids.ts";
import { messagesBetween, messagesById } from "./journal.ts";
import { messageOf } from "./message-rows.ts";
import { asking } from "./unavailable.ts";
import { messagesWithTerms } from "./word-search.ts";

/**
 * A revision is never below its version, so the journal's key finds where to begin. It is walked a stretch at a time until
 * there are enough: left alone with a limit, the planner may rather read all that follows, and sort it.
 */
const CHANGES = `
select c.* from pair_rooms h, generate_series($2::bigint, h.revision, 600) as stretch(start), lateral (
  select revision, version, subject_id as "subjectId", type, actor_id as "actor" from journal
  where pair_id = $1 and revision > stretch.start and revision <= stretch.start + 600 and version > $2
  order by revision limit $3
) c where h.pair_id = $1 limit $3`;

/** What was written, read back: by seq, by change, by word, by time. */
export function databaseArchive(database: Pick<Pool, "query">): Archive {
  const pool = asking(database);
  return {
    async extent(pairId) {
      const extent = `select version, first_seq as "firstSeq", last_seq as "lastSeq" from pair_rooms where pair_id = $1`;
      const { rows } = await pool.query<{ version: number; firstSeq: number; lastSeq: number }>(extent, [pairId]);
      return rows[0] ?? { version: 0, firstSeq: 1, lastSeq: 0 };
    },

    async bySeq(pairId, from, to) {
      const ends = "select subject_id as id from journal where pair_id = $1 and seq = any($2::bigint[]) order by seq";
      const { rows } = await pool.query<{ id: string }>(ends, [pairId, [from, to]]);
      const [first, last = first] = rows;
      return first && last ? messagesBetween(pool, pairId, first.id, last.id) : [];
    },

    byId: async (pairId, ids) => [...(await messagesById(pool, pairId, ids)).values()],

    async changes(pairId, afterVersion, limit) {
      const { rows } = await pool.query<Change>(CHANGES, [pairId, afterVersion, limit]);
      return rows;
    },

    async withTerms(pairId, terms, beforeId, limit) {
      const rows = await messagesWithTerms(pool, { pairId, terms, beforeId, limit });
      return rows.map(messageOf);
    },

    async seqBefore(pairId, at) {
      const before = `select seq from messages where pair_id = $1 and id < uuidv7_from($2::timestamptz)
        order by id desc limit 1`;
      const { rows } = await pool.query<{ seq: number }>(before, [pairId, new Date(at).toISOString()]);
      return rows[0]?.seq ?? 0;
    },

    async marks(pairId) {
      const all = `select user_id as "userId", delivered_seq as "deliveredSeq", read_seq as "readSeq",
        shown_read_seq as "shownReadSeq" from watermarks where pair_id = $1`;
      const { rows } = await pool.query<Marks & { userId: string }>(all, [pairId]);
      return new Map(rows.map(({ userId, ...marks }) => [UserId.parse(userId), marks]));
    },
  };
}

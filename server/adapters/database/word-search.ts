import { type Message, timeOf } from "../../../domain/room/message.ts";
import { messagesById } from "./journal.ts";
import { idFrom, MESSAGE_COLUMNS, type MessageRow, messageOf, termHash } from "./message-rows.ts";
import type { Asks } from "./unavailable.ts";

/** A word that is used that often is met often enough among so many of the newest, and needs no index of words. */
const NEAR_MESSAGES = 512;

/** Planning costs a tenth of a millisecond for each. */
const MONTHS_AT_ONCE = 24;

export interface Sought {
  readonly pairId: string;
  readonly terms: ReadonlySet<string>;
  /** Only older ones than that. */
  readonly beforeId: string;
  readonly limit: number;
}

/**
 * Messages that have all the terms, newest first. The planner cannot know how common a word is in one pair of millions, so
 * it is not left to it: the newest messages are looked through as they lie, and older ones by the index of words, a month
 * at a time, only until there are enough. So a common word costs as much as it has hits to show, and a rare one a look
 * into the index of each month.
 */
export async function messagesWithTerms(pool: Asks, sought: Sought): Promise<readonly Message[]> {
  const { pairId, terms, beforeId, limit } = sought;
  const { rows } = await pool.query<Ends>(ENDS, [pairId, beforeId, NEAR_MESSAGES]);
  const { first, near: begin, last } = rows[0] ?? NOTHING_SAID;
  if (!first || !begin || !last) return [];
  const hashes = `{${[...terms].map((term) => termHash(pairId, term)).join()}}`;
  const near = await pool.query<MessageRow>(NEAR, [pairId, hashes, begin, last, beforeId, limit]);
  const found = near.rows.map(messageOf);
  const left = limit - found.length;
  if (left === 0 || first === begin) return found;
  const bounds = monthsBetween(first, beforeId < begin ? beforeId : begin);
  const older = await messagesById(pool, pairId, await inOlderMonths(pool, { pairId, hashes, bounds, limit: left }));
  return [...found, ...[...older.values()].reverse()];
}

interface Older {
  readonly pairId: string;
  readonly hashes: string;
  /** Ids, the newest first: each month begins with one of them and ends before the one that precedes it. */
  readonly bounds: readonly string[];
  readonly limit: number;
}

async function inOlderMonths(pool: Asks, { pairId, hashes, bounds, limit }: Older): Promise<readonly string[]> {
  const found: string[] = [];
  for (let n = 0; n < bounds.length - 1 && found.length < limit; n += MONTHS_AT_ONCE) {
    const some = bounds.slice(n, n + MONTHS_AT_ONCE + 1);
    const values = [pairId, hashes, limit - found.length, ...some];
    const { rows } = await pool.query<{ id: string }>(monthly(some.length - 1), values);
    found.push(...rows.map(({ id }) => id));
  }
  return found;
}

const NOTHING_SAID: Ends = { first: null, near: null, last: null };

/** Ids of the oldest message, of the one that the newest messages begin with, and of the last one. */
interface Ends {
  readonly first: string | null;
  readonly near: string | null;
  readonly last: string | null;
}

/** By the journal's own key. Before a place that is not in history (the end of all ids; what was trimmed since) comes all of it. */
const ENDS = `
with room as (
  select first_seq as first,
    coalesce((select seq from messages where pair_id = $1 and id = $2), last_seq + 1) - 1 as last
  from pair_rooms where pair_id = $1
)
select (select subject_id from journal where pair_id = $1 and seq = room.first) as first,
  (select subject_id from journal where pair_id = $1 and seq = greatest(room.first, room.last - $3 + 1)) as near,
  (select subject_id from journal where pair_id = $1 and seq = room.last) as last
from room`;

/** The limit within is a wall: what the planner believes of words does not change how messages are read behind it. */
const NEAR = `
select ${MESSAGE_COLUMNS} from (
  select * from messages where pair_id = $1 and id between $3::uuid and $4::uuid and id < $5::uuid
  order by id desc limit ${NEAR_MESSAGES}
) messages where terms @> $2::text::bigint[] order by id desc limit $6`;

/**
 * Months one after the other, as far as it takes to have enough: what is united is asked in turn. The pair is compared as
 * text, which no index can: its own would find all that the two ever said. Only ids are asked for, since each column of
 * each month has to be planned.
 */
function monthly(count: number): string {
  const month = (_: unknown, n: number) => `(select id from messages
    where terms @> $2::text::bigint[] and id < $${4 + n}::uuid and id >= $${5 + n}::uuid and pair_id::text = $1
    order by id desc limit $3)`;
  return `select * from (${Array.from({ length: count }, month).join(" union all ")}) found limit $3`;
}

/** Where months begin between two messages, with these at either end; the newest first. */
function monthsBetween(first: string, end: string): string[] {
  const from = new Date(timeOf(first));
  const starts: string[] = [];
  for (let n = 1; ; n++) {
    const start = idFrom(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + n));
    if (start >= end) break;
    starts.unshift(start);
  }
  return [end, ...starts, first];
}

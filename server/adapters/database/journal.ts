import { DatabaseError, type Pool } from "pg";
import { isChatType, readBack, WINDOW_MESSAGES, type WrittenRow } from "../../../domain/room/chat-history.ts";
import type { Message } from "../../../domain/room/message.ts";
import type { RoomEvent, RoomFact } from "../../../domain/room/rules.ts";
import { isTrimming, readBackTrimming } from "../../../domain/room/trimming.ts";
import { readBackTwintuition, type TwintuitionFact } from "../../../domain/room/twintuition-history.ts";
import {
  type Ask,
  type Entry,
  type Head,
  type Journal,
  Poison,
  type Recalled,
} from "../../../rooms/durable/journal.ts";
import { MessageId, UserId } from "../../../schema/wire/ids.ts";
import { appendManyQuery } from "./append.ts";
import { appendOneQuery } from "./append-one.ts";
import { type AppendQuery, hashOf, type RoomAppend } from "./append-values.ts";
import { bounds, MESSAGE_COLUMNS, type MessageRow, messageOf } from "./message-rows.ts";
import { openTwintuitionOf, twintuitionById } from "./twintuition-rows.ts";
import type { Asks } from "./unavailable.ts";

/** Bad data and broken constraints: the rows are at fault … */
const POISON = /^2[23]/;

/** … but for this one, which is also how PostgreSQL says that a month has no partition yet. */
const CHECK_VIOLATION = "23514";

const HEAD = `epoch, revision, version, last_seq as "lastSeq", last_id as "lastId", first_seq as "firstSeq",
  status = 'closed' as "isClosed"`;

interface JournalRow {
  readonly revision: number;
  readonly version: number;
  readonly seq: number | null;
  readonly type: string;
  readonly subject_id: string;
  readonly actor_id: string | null;
  readonly key: string | null;
  readonly hash: Buffer | null;
  readonly at: Date;
}

/** One new message has a shape of its own, which costs PostgreSQL a third (docs/decisions/0014). */
const leanest = (appends: readonly RoomAppend[]): AppendQuery => appendOneQuery(appends) ?? appendManyQuery(appends);

/** The histories of all pairs, in PostgreSQL. `writing` is for appends, in whichever shape; `pool` reads. */
export function databaseJournal(pool: Pool, writing: Pool = pool, appendQuery = leanest): Journal<RoomEvent, RoomFact> {
  return {
    async append(appends) {
      try {
        const { rows } = await writing.query<{ pair_id: string }>(...appendQuery(appends));
        return new Set(rows.map(({ pair_id }) => pair_id));
      } catch (error) {
        if (isPoison(error)) throw new Poison(`SQLSTATE ${error.code}`);
        throw error;
      }
    },

    async newest(pairId) {
      const { rows } = await pool.query<Head & { windowId: string | null }>(NEWEST, [pairId, WINDOW_MESSAGES]);
      if (!rows[0]) throw new Error("A pair has its row before its room opens");
      const { windowId, ...head } = rows[0];
      const messages =
        windowId === null || head.lastId === null ? [] : messagesBetween(pool, pairId, windowId, head.lastId);
      const facts = await Promise.all([messages, openTwintuitionOf(pool, pairId)]);
      return { head, facts: facts.flat() };
    },

    async fence(pairId, epoch, revision) {
      const head = await pool.query<Head>(FENCE, [pairId, epoch]);
      if (!head.rows[0]) return { isOurs: false, isClosed: await isClosed(pool, pairId) };
      const since = "select * from journal where pair_id = $1 and revision > $2 order by revision";
      const { rows } = await pool.query<JournalRow>(since, [pairId, revision]);
      const subjects = await subjectsOf(pool, pairId, rows);
      return { isOurs: true, head: head.rows[0], entries: entriesOf(rows, subjects, head.rows[0].firstSeq) };
    },

    async recall(pairId, asks) {
      const values = [pairId, asks.map(({ actor }) => actor), asks.map(({ key }) => key)];
      const { rows } = await pool.query<JournalRow & { epoch: number }>(RECALL, values);
      if (!rows[0]) throw new Error("A pair has its row before its room opens");
      const done = rows.filter((row) => row.actor_id !== null);
      const subjects = await subjectsOf(pool, pairId, done);
      return { epoch: rows[0].epoch, done: done.flatMap((row) => recalled(row, asks, subjects)) };
    },

    facts: (pairId, ids) => messagesById(pool, pairId, ids).then((found) => [...found.values()]),
  };
}

/** The newest page begins at a seq, and the journal's own key finds that message's id: no month is searched in vain. */
const NEWEST = `
select ${HEAD}, (
  select j.subject_id from journal j where j.pair_id = h.pair_id and j.seq = greatest(h.first_seq, h.last_seq - $2 + 1)
) as "windowId"
from pair_rooms h where h.pair_id = $1`;

/** Waits for whoever holds the row, but not for ever. */
const FENCE = `
with patient as materialized (select set_config('lock_timeout', '2s', true))
update pair_rooms set revision = revision + 1 from patient where pair_id = $1 and epoch = $2 returning ${HEAD}`;

const RECALL = `
select h.epoch, j.* from pair_rooms h
left join (journal j join unnest($2::uuid[], $3::text[]) as asked(actor_id, key) using (actor_id, key))
  on j.pair_id = h.pair_id
where h.pair_id = $1`;

/** Ids rise with seq, and bounds on them let the planner leave out every other month, the ones to come as well. */
export async function messagesBetween(
  pool: Asks,
  pairId: string,
  first: string,
  last: string,
): Promise<readonly Message[]> {
  const page = `select ${MESSAGE_COLUMNS} from messages
    where pair_id = $1 and id between $2::uuid and $3::uuid order by id`;
  const { rows } = await pool.query<MessageRow>(page, [pairId, first, last]);
  return rows.map(messageOf);
}

/** In the order of history. */
export async function messagesById(
  pool: Asks,
  pairId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Message>> {
  if (ids.length === 0) return new Map();
  const { first, last } = bounds(ids);
  const some = `select ${MESSAGE_COLUMNS} from messages
    where pair_id = $1 and id = any($2::uuid[]) and id between $3::uuid and $4::uuid order by id`;
  const { rows } = await pool.query<MessageRow>(some, [pairId, ids, first, last]);
  return new Map(rows.map((row) => [row.id, messageOf(row)]));
}

/** What rows are about. */
interface Subjects {
  readonly messages: ReadonlyMap<string, Message>;
  readonly felt: ReadonlyMap<string, TwintuitionFact>;
}

async function subjectsOf(pool: Asks, pairId: string, rows: readonly JournalRow[]): Promise<Subjects> {
  const { chat = [], other = [] } = Object.groupBy(rows, ({ type }) => (isChatType(type) ? "chat" : "other"));
  const ids = (some: readonly JournalRow[]) => [...new Set(some.map(({ subject_id }) => subject_id))];
  const [messages, felt] = await Promise.all([
    messagesById(pool, pairId, ids(chat)),
    twintuitionById(pool, pairId, ids(other)),
  ]);
  return { messages, felt };
}

async function isClosed(pool: Pool, pairId: string): Promise<boolean> {
  const { rows } = await pool.query<{ status: string }>("select status from pair_rooms where pair_id = $1", [pairId]);
  return rows[0]?.status === "closed";
}

function recalled(row: JournalRow, asks: readonly Ask[], { messages, felt }: Subjects): Recalled[] {
  const { actor_id, hash, subject_id: id, seq, version } = row;
  const ask = asks.find(({ actor, key }) => actor === actor_id && key === row.key);
  if (!ask) return [];
  const subject: RoomFact | undefined = messages.get(id) ?? felt.get(id);
  const salt = subject && "salt" in subject ? subject.salt : null;
  const same = hash === null || salt === null || hash.equals(hashOf(salt, ask));
  return [{ actor: ask.actor, key: ask.key, same, place: { id, seq, version, at: row.at.getTime() } }];
}

/** What is gone meanwhile, with whoever it was about or with its time, has no more to tell. */
function entriesOf(rows: readonly JournalRow[], subjects: Subjects, firstSeq: number): Entry<RoomEvent>[] {
  const written = rows.flatMap((row) => writtenRow(row, subjects.messages));
  const told = new Map(readBack(written.map(([row]) => row)).map((event, n) => [written[n]?.[1], event]));
  const eventOf = (row: JournalRow): RoomEvent | undefined => {
    const { revision, subject_id: id, at } = row;
    if (isTrimming(row)) return readBackTrimming(MessageId.parse(id), at.getTime(), firstSeq);
    const fact = subjects.felt.get(id);
    return fact ? readBackTwintuition(at.getTime(), fact) : told.get(revision);
  };
  return rows.flatMap((row) => {
    const { revision, version, seq, actor_id: actor, key } = row;
    const event = eventOf(row);
    if (!event) return [];
    return { revision, version, seq, event, ask: actor === null || key === null ? null : { actor, key, print: "" } };
  });
}

function writtenRow(
  { revision, type, subject_id, actor_id, at }: JournalRow,
  messages: Subjects["messages"],
): [row: WrittenRow, revision: number][] {
  const message = isChatType(type) ? messages.get(subject_id) : undefined;
  return message ? [[{ type, by: UserId.parse(actor_id), at: at.getTime(), message }, revision]] : [];
}

function isPoison(error: unknown): error is DatabaseError {
  if (!(error instanceof DatabaseError) || !POISON.test(error.code ?? "")) return false;
  return error.code !== CHECK_VIOLATION || error.constraint !== undefined;
}

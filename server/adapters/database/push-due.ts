import type { EntityManager } from "@mikro-orm/core";
import type { DueRow, DueRows, News, Whose } from "../../../domain/pushes.ts";
import { PairId, UserId } from "../../../schema/wire/ids.ts";
import { asked, plainList } from "./asked.ts";

/** Beside whose it is, so that it is nobody else's lock. */
const RINGING = 7_431_004;

/** MikroORM's connections hand times over as text. */
const msOf = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;

const HOLD = `select pg_try_advisory_xact_lock(${RINGING}, hashtext(?)) as "isOurs"`;

/** Enough rows to find so many people in, as long as nobody has a flood. */
const WHOSE = `
select pair_id, user_id from (select * from push_due where due_at <= ? order by due_at limit 10 * ?) soonest
group by pair_id, user_id order by min(due_at) limit ?`;

/** The newest: a flood is told by its end, and what is older goes with it. */
const ROWS = `
select d.revision, ${msOf("d.due_at")} as due_at, j.subject_id, j.seq, j.type from push_due d
left join journal j on j.pair_id = d.pair_id and j.revision = d.revision
where d.pair_id = ? and d.user_id = ? order by d.revision desc limit 1000`;

/** Who has left the pair hears nothing of it, and has received all they ever will. */
const STANDING = `
select m.is_active, coalesce(w.delivered_seq, 0) as delivered_seq, (
  select ${msOf("due_at")} from push_due where pair_id = m.pair_id and revision = 0 and user_id = m.user_id
) as paused_until
from pair_members m left join watermarks w on w.pair_id = m.pair_id and w.user_id = m.user_id
where m.pair_id = ? and m.user_id = ?`;

/** The index finds the first that they have not received, and counts no further than anybody wants to know. */
const NOT_RECEIVED = `
select subject_id from journal where pair_id = ? and seq > ? and actor_id <> ? order by seq desc limit ?`;

/** Bounds on the ids let the planner leave out every other month. */
const STANDS = `
select m.id, m.type, m.sender_id from messages m
where m.pair_id = ? and m.id = any(?::uuid[]) and m.id between ?::uuid and ?::uuid and m.deleted_at is null
  and not exists (select from jsonb_array_elements(m.hides) h where h ->> 'userId' = ?)
order by m.id desc`;

const UNSEEN = `
select a.id, a.kind as type, a.user_id as sender_id from alerts a
where a.pair_id = ? and a.id = any(?::uuid[]) and a.seen_at is null and a.user_id <> ?
union all
select o.id, 'moment', t.user_id from moments o join pair_members t on t.pair_id = o.pair_id
where o.pair_id = ? and o.id = any(?::uuid[]) and t.user_id <> ?
order by id desc`;

const FORGET = "delete from push_due where pair_id = ? and user_id = ? and revision = any(?::bigint[])";
const FORGET_UP_TO = "delete from push_due where pair_id = ? and user_id = ? and revision <= ?";

const PUT_OFF = `
update push_due set due_at = greatest(due_at, ?) where pair_id = ? and user_id = ? and revision <= ?`;

/** No row of history has this number. */
const PAUSE = `insert into push_due (pair_id, revision, user_id, due_at) values (?, 0, ?, ?)`;

interface RowsRow {
  readonly revision: string;
  readonly due_at: string;
  readonly subject_id: string | null;
  readonly seq: string | null;
  readonly type: string | null;
}

interface StandingRow {
  readonly is_active: boolean;
  readonly delivered_seq: string;
  readonly paused_until: string | null;
}

interface MessageRow {
  readonly id: string;
  readonly type: string;
  readonly sender_id: string;
}

/** What is due to be pushed, as the rooms' appends left it. */
export const databaseDueRows: DueRows = {
  async whose(em, now, limit) {
    const rows = await asked<{ readonly pair_id: string; readonly user_id: string }>(em, WHOSE, [
      iso(now),
      limit,
      limit,
    ]);
    return rows.map(({ pair_id, user_id }) => ({ pairId: PairId.parse(pair_id), userId: UserId.parse(user_id) }));
  },

  async take(em, whose) {
    const [held] = await asked<{ readonly isOurs: boolean }>(em, HOLD, [`${whose.pairId} ${whose.userId}`]);
    if (!held?.isOurs) return undefined;
    const rows = await asked<RowsRow>(em, ROWS, [whose.pairId, whose.userId]);
    const standing = await standingOf(em, whose);
    const isHeard = (row: RowsRow) => Number(row.seq) <= Number(standing?.delivered_seq);
    const idsOf = (some: readonly RowsRow[]) => some.flatMap(({ subject_id }) => subject_id ?? []);
    const ids = idsOf(rows.filter((row) => aboutOf(row) === "messages" && !isHeard(row)));
    const felt = idsOf(rows.filter((row) => aboutOf(row) === "twintuition"));
    const standingMessages = standing?.is_active ? await thoseThatStand(em, whose, ids) : [];
    const unseen = standing?.is_active ? await thoseUnseen(em, whose, felt) : [];
    const news = new Set([...standingMessages, ...unseen].map(({ id }) => id));
    return {
      rows: rows.map((row) => rowOf(row, news)),
      newest: { messages: newsOf(standingMessages), twintuition: newsOf(unseen) },
      pausedUntil: standing?.paused_until == null ? undefined : Number(standing.paused_until),
    };
  },

  async notReceived(em, whose, most) {
    const standing = await standingOf(em, whose);
    if (!standing?.is_active) return 0;
    const { pairId, userId } = whose;
    const rows = await asked<{ readonly subject_id: string }>(em, NOT_RECEIVED, [
      pairId,
      standing.delivered_seq,
      userId,
      most,
    ]);
    const ids = rows.map(({ subject_id }) => subject_id);
    return (await thoseThatStand(em, whose, ids)).length;
  },

  forget: (em, { pairId, userId }, rows) => asked(em, FORGET, [pairId, userId, revisionsOf(rows)]),
  forgetUpTo: (em, { pairId, userId }, revision) => asked(em, FORGET_UP_TO, [pairId, userId, revision]),
  putOffUpTo: (em, { pairId, userId }, revision, until) => asked(em, PUT_OFF, [iso(until), pairId, userId, revision]),
  pause: (em, { pairId, userId }, until) => asked(em, PAUSE, [pairId, userId, iso(until)]),
};

const iso = (ms: number): string => new Date(ms).toISOString();

async function standingOf(em: EntityManager, { pairId, userId }: Whose): Promise<StandingRow | undefined> {
  const [standing] = await asked<StandingRow>(em, STANDING, [pairId, userId]);
  return standing;
}

/** Of those messages: neither deleted nor hidden by them since, the newest first. */
async function thoseThatStand(
  em: EntityManager,
  { pairId, userId }: Whose,
  ids: readonly string[],
): Promise<readonly MessageRow[]> {
  const sorted = ids.toSorted();
  const [first, last] = [sorted.at(0), sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  return asked(em, STANDS, [pairId, plainList(sorted), first, last, userId]);
}

/** Alerts that they have not seen, and moments, the newest first. */
async function thoseUnseen(
  em: EntityManager,
  { pairId, userId }: Whose,
  ids: readonly string[],
): Promise<readonly MessageRow[]> {
  if (ids.length === 0) return [];
  const some = plainList(ids);
  return asked(em, UNSEEN, [pairId, some, userId, pairId, some, userId]);
}

const newsOf = ([newest]: readonly MessageRow[]): News | undefined =>
  newest && { kind: newest.type, senderId: UserId.parse(newest.sender_id) };

const aboutOf = ({ type }: RowsRow): DueRow["about"] => (type?.startsWith("twintuition.") ? "twintuition" : "messages");

const rowOf = (row: RowsRow, news: ReadonlySet<string>): DueRow => ({
  revision: Number(row.revision),
  dueAt: Number(row.due_at),
  isNews: row.subject_id !== null && news.has(row.subject_id),
  about: aboutOf(row),
});

const revisionsOf = (rows: readonly DueRow[]): string => plainList(rows.map(({ revision }) => revision));

import { isMessage, isTwintuition } from "../../../domain/room/rules.ts";
import { type AppendQuery, hashOf, type RoomAppend, turned } from "./append-values.ts";
import { bounds, messageValues } from "./message-rows.ts";
import { twintuitionLists } from "./twintuition-rows.ts";

/**
 * The statement that writes for any number of pairs, whole: it runs alone, in its own transaction. Read from top to bottom: what is asked
 * for; whose command is known already; whose row can be had at once (a row somebody holds is left out, so that nobody
 * waits for a stranger); those win, and only their rows are written.
 *
 * A statement can neither change a row twice nor see what it inserts, while commands of one append may well be about one
 * message. So it is given each message once, in the state all of them leave it in: new ones, and changed ones if any.
 * Whom a push is due to comes after that, if to anybody, and last what other features keep in tables of their own.
 */
function appendStatement({ changes, dues, felt }: { changes: boolean; dues: boolean; felt: boolean }): string {
  const afterDues = (changes ? 41 : 39) + (dues ? COLUMNS.dues : 0);
  const branches = [changes ? CHANGED : "", dues ? dueAfter(changes) : "", felt ? feltAfter(afterDues) : ""];
  return [WIN, ...branches.filter((branch) => branch !== "")].join(",") + TELL;
}

/** How many columns each of the lists has, in the order of the statement's parameters. */
const COLUMNS = { heads: 7, entries: 10, messages: 21, dues: 4 } as const;

const MESSAGE_COLUMNS = `pair_id, id, seq, version, sender_id, key, type, text, encrypted, media_id, location, reply_to,
    reactions, hides, pinned, salt, terms, sent_at, edited_at, deleted_at`;

const WIN = `
with durable as materialized (
  select set_config('synchronous_commit', 'on', true) -- whatever the role's default is
), append as materialized (
  select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::uuid[])
    as a(pair_id, epoch, expected, revision, version, last_seq, last_id)
), entry as materialized (
  select * from unnest($8::uuid[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::uuid[], $14::uuid[],
      $15::text[], $16::bytea[], $17::timestamptz[])
    as e(pair_id, revision, version, seq, type, subject_id, actor_id, key, hash, at)
), message as materialized (
  select * from unnest($18::uuid[], $19::uuid[], $20::bigint[], $21::bigint[], $22::uuid[], $23::text[], $24::text[],
      $25::text[], $26::text[], $27::uuid[], $28::jsonb[], $29::uuid[], $30::jsonb[], $31::jsonb[], $32::boolean[],
      $33::text[], $34::text[], $35::timestamptz[], $36::timestamptz[], $37::timestamptz[], $38::boolean[])
    as m(pair_id, id, seq, version, sender_id, key, type, text, encrypted, media_id, location, reply_to, reactions,
      hides, pinned, salt, terms, sent_at, edited_at, deleted_at, is_new)
), known as materialized (
  select e.pair_id from entry e, lateral ( -- one look into the index a row, however the planner guesses
    select from journal j where j.pair_id = e.pair_id and j.actor_id = e.actor_id and j.key = e.key limit 1
  ) k
), held as materialized (
  select a.* from append a
  join pair_rooms h on h.pair_id = a.pair_id and h.epoch = a.epoch and h.revision = a.expected
  where a.pair_id not in (select pair_id from known)
  order by a.pair_id
  for no key update of h skip locked
), won as (
  update pair_rooms h
  set revision = a.revision, version = a.version, last_seq = a.last_seq, last_id = a.last_id
  from held a where h.pair_id = a.pair_id
  returning h.pair_id
), journalled as (
  insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, hash, at)
  select e.* from entry e join won using (pair_id)
), sent as (
  insert into messages (${MESSAGE_COLUMNS})
  select m.pair_id, id, seq, version, sender_id, key, type, text, encrypted, media_id, location, reply_to, reactions,
    hides, pinned, salt, terms::bigint[], sent_at, edited_at, deleted_at
  from message m join won using (pair_id) where is_new
)`;

/** The bounds let the planner leave out every month but those of the changed messages. */
const CHANGED = ` changed as (
  update messages o
  set version = m.version, text = m.text, encrypted = m.encrypted, media_id = m.media_id, location = m.location,
    reactions = m.reactions, hides = m.hides, pinned = m.pinned, salt = m.salt, terms = m.terms::bigint[],
    edited_at = m.edited_at, deleted_at = m.deleted_at
  from message m join won using (pair_id)
  where o.pair_id = m.pair_id and o.id = m.id and not m.is_new and o.id between $39::uuid and $40::uuid
)`;

/** Their lists follow all others. A row of its own each: whoever sends pushes holds rows, and nobody waits for that. */
function dueAfter(changes: boolean): string {
  const first = changes ? 41 : 39;
  const [pair, revision, user, at] = [0, 1, 2, 3].map((n) => `$${first + n}`);
  return ` due as (
  insert into push_due (pair_id, revision, user_id, due_at)
  select d.* from unnest(${pair}::uuid[], ${revision}::bigint[], ${user}::uuid[], ${at}::timestamptz[])
    as d(pair_id, revision, user_id, due_at) join won using (pair_id)
)`;
}

/** Alerts, presses and moments, each in the state that all commands of the append leave it in. */
function feltAfter(first: number): string {
  return ` alerted as (
  insert into alerts (pair_id, id, user_id, kind, text, intensity, at, salt, moment_id)
  select a.* from jsonb_to_recordset($${first}::jsonb) as a(pair_id uuid, id uuid, user_id uuid, kind text, text text,
    intensity smallint, at timestamptz, salt text, moment_id uuid) join won using (pair_id)
  on conflict (pair_id, id) do update set moment_id = excluded.moment_id
), pressed as (
  insert into presses (pair_id, id, user_id, at, uncertainty_ms, window_ms, feeling, salt, moment_id)
  select p.* from jsonb_to_recordset($${first + 1}::jsonb) as p(pair_id uuid, id uuid, user_id uuid, at timestamptz,
    uncertainty_ms integer, window_ms integer, feeling text, salt text, moment_id uuid) join won using (pair_id)
  on conflict (pair_id, id) do update set moment_id = excluded.moment_id, feeling = excluded.feeling
), noticed as (
  insert into moments (pair_id, id, number, day, of_day, at, type, algorithm, confidence, dt_ms, uncertainty_ms,
    window_ms, feelings, message_id, phrases, parts)
  select m.* from jsonb_to_recordset($${first + 2}::jsonb) as m(pair_id uuid, id uuid, number integer, day date,
    of_day integer, at timestamptz, type text, algorithm text, confidence double precision, dt_ms integer,
    uncertainty_ms integer, window_ms integer, feelings jsonb, message_id uuid, phrases jsonb, parts jsonb)
    join won using (pair_id)
)`;
}

const TELL = `
select pair_id from won, durable`;

/** For all pairs at once, whatever was done in them. */
export function appendManyQuery(appends: readonly RoomAppend[]): AppendQuery {
  const messages = appends.flatMap(messageColumns);
  const changed = messages.flatMap((values) => (values.at(-1) === true ? [] : [String(values[1])]));
  const columns = [
    ...turned(appends.map(headValues), COLUMNS.heads),
    ...turned(appends.flatMap(entryValues), COLUMNS.entries),
    ...turned(messages, COLUMNS.messages),
  ];
  const dues = appends.flatMap(dueValues);
  const { first, last } = bounds(changed);
  const felt = appends.flatMap(feltOf);
  const is = { changes: changed.length > 0, dues: dues.length > 0, felt: felt.length > 0 };
  const between = is.changes ? [first, last] : [];
  const due = is.dues ? turned(dues, COLUMNS.dues) : [];
  return [appendStatement(is), [...columns, ...between, ...due, ...(is.felt ? twintuitionLists(felt) : [])]];
}

function headValues({ pairId, expected, next }: RoomAppend): readonly unknown[] {
  return [pairId, expected.epoch, expected.revision, next.revision, next.version, next.lastSeq, next.lastId];
}

function entryValues({ pairId, entries }: RoomAppend): readonly unknown[][] {
  return entries.map(({ revision, version, seq, event, ask }) => {
    const asked = [ask?.actor ?? null, ask?.key ?? null, ask && event.salt ? hashOf(event.salt, ask) : null];
    return [pairId, revision, version, seq, event.type, event.id, ...asked, new Date(event.at).toISOString()];
  });
}

function dueValues({ pairId, dues }: RoomAppend): readonly (readonly unknown[])[] {
  return dues.map(({ revision, to, at }) => [pairId, revision, to, new Date(at).toISOString()]);
}

function messageColumns({ pairId, entries, facts }: RoomAppend): readonly (readonly unknown[])[] {
  const sent = new Set(entries.flatMap(({ seq, event }) => (seq === null ? [] : event.id)));
  return facts.filter(isMessage).map((fact) => [...messageValues(pairId, fact), sent.has(fact.id)]);
}

const feltOf = ({ pairId, facts }: RoomAppend) => facts.filter(isTwintuition).map((fact) => [pairId, fact] as const);

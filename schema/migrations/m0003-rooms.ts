import { Migration } from "@mikro-orm/migrations";

/** The rooms: who owns a pair and where its history stands, what happened, what was said, and how far each has read. */
export class M0003Rooms extends Migration {
  override up(): void {
    this.addSql(PAIR_ROOMS);
    this.addSql(JOURNAL);
    this.addSql(MESSAGES);
    this.addSql(UUIDV7_FROM);
    this.addSql(MAKE_MESSAGE_MONTHS);
    this.addSql("select make_message_months(current_date, 12)");
    this.addSql(WATERMARKS);
    this.addSql(PROCESSES);
    this.addSql(HISTORY_LINES);
  }

  override down(): void {
    for (const table of ["history_lines", "processes", "watermarks", "messages", "journal", "pair_rooms"]) {
      this.addSql(`drop table ${table}`);
    }
    this.addSql("drop function make_message_months(date, int)");
    this.addSql("drop function uuidv7_from(timestamptz)");
  }
}

/**
 * Claim and head of history in one row, so that one comparison tells both. Half of each page stays free: the row is
 * rewritten by every append, and finds room for its next version beside it.
 */
const PAIR_ROOMS = `
create table pair_rooms (
  pair_id    uuid primary key,
  epoch      bigint not null default 0,
  revision   bigint not null default 0,
  version    bigint not null default 0,
  first_seq  bigint not null default 1,
  last_seq   bigint not null default 0,
  last_id    uuid,
  owner      text,
  room_id    text,
  status     text not null default 'open' check (status in ('open', 'closed')),
  claimed_at timestamptz
) with (fillfactor = 50)`;

/** What happened, without a word of what was said. The hash is salted, and the salt lies with the words. */
const JOURNAL = `
create table journal (
  pair_id    uuid not null,
  revision   bigint not null,
  version    bigint not null,
  seq        bigint,
  type       text not null,
  subject_id uuid not null,
  actor_id   uuid,
  key        text,
  hash       bytea,
  at         timestamptz not null,
  primary key (pair_id, revision),
  constraint journal_command unique (pair_id, actor_id, key)
);
create unique index journal_seq on journal (pair_id, seq) where seq is not null`;

/**
 * Every message as it stands now. Partitioned by its UUIDv7 id, so that an id names its month by itself. `terms` are
 * the words to find it by, each hashed with its pair: looking one up touches no other pair's messages.
 */
const MESSAGES = `
create table messages (
  pair_id    uuid not null,
  id         uuid not null,
  seq        bigint not null,
  version    bigint not null,
  sender_id  uuid not null,
  key        text not null,
  type       text not null,
  text       text,
  encrypted  text,
  media_id   uuid,
  location   jsonb,
  reply_to   uuid,
  reactions  jsonb not null default '[]',
  hides      jsonb not null default '[]',
  pinned     boolean not null default false,
  salt       text,
  terms      bigint[],
  sent_at    timestamptz not null,
  edited_at  timestamptz,
  deleted_at timestamptz,
  primary key (pair_id, id)
) partition by range (id);
create index messages_terms on messages using gin (terms)`;

const UUIDV7_FROM = `
create function uuidv7_from(moment timestamptz) returns uuid language sql immutable as $$
  select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$`;

/** No default partition: once it held a row of a month, that month could not be made any more. */
const MAKE_MESSAGE_MONTHS = `
create function make_message_months(first date, count int) returns void language plpgsql as $$
declare
  month timestamptz;
  start timestamp := date_trunc('month', first::timestamp);
begin
  for month in
    select m at time zone 'UTC' from generate_series(start, start + count * interval '1 month', '1 month') m
  loop
    execute format(
      'create table if not exists %I partition of messages for values from (%L) to (%L)',
      'messages_' || to_char(month at time zone 'UTC', 'YYYYMM'),
      uuidv7_from(month),
      uuidv7_from(((month at time zone 'UTC') + interval '1 month') at time zone 'UTC')
    );
  end loop;
end
$$`;

/** shown_read_seq is what the twin may know: it stays behind while read receipts are off. */
const WATERMARKS = `
create table watermarks (
  pair_id        uuid not null,
  user_id        uuid not null,
  delivered_seq  bigint not null default 0,
  read_seq       bigint not null default 0,
  shown_read_seq bigint not null default 0,
  primary key (pair_id, user_id),
  check (0 <= shown_read_seq and shown_read_seq <= read_seq and read_seq <= delivered_seq)
) with (fillfactor = 70)`;

const PROCESSES = `
create table processes (
  process_id text primary key,
  address    text not null,
  beat_at    timestamptz not null
)`;

/** A database that lost its tail would give versions out again: each line of WAL has a name, and devices carry it. */
const HISTORY_LINES = `
create table history_lines (
  id       uuid primary key,
  timeline text not null unique,
  made_at  timestamptz not null default now()
)`;

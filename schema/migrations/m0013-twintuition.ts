import { Migration } from "@mikro-orm/migrations";

/** What two twins felt at once, and what they told each other of it. */
export class M0013Twintuition extends Migration {
  override up(): void {
    this.addSql(ALERTS);
    this.addSql(PRESSES);
    this.addSql(MOMENTS);
  }

  override down(): void {
    for (const table of ["moments", "presses", "alerts"]) this.addSql(`drop table ${table}`);
  }
}

const ALERTS = `
create table alerts (
  pair_id   uuid not null,
  id        uuid not null,
  user_id   uuid not null,
  kind      text not null,
  text      text,
  intensity smallint check (intensity between 1 and 10),
  at        timestamptz not null,
  salt      text,
  moment_id uuid,
  seen_at   timestamptz,
  primary key (pair_id, id)
);
create index alerts_unseen on alerts (pair_id, user_id) where seen_at is null;
create index alerts_of_user on alerts (user_id)`;

/** A press that met no other is forgotten: its word and its salt go, and what is left answers whoever asks again. */
const PRESSES = `
create table presses (
  pair_id        uuid not null,
  id             uuid not null,
  user_id        uuid not null,
  at             timestamptz not null,
  uncertainty_ms integer not null check (uncertainty_ms >= 0),
  window_ms      integer not null,
  feeling        text,
  salt           text,
  moment_id      uuid,
  primary key (pair_id, id)
);
create index presses_to_forget on presses (at) where moment_id is null and salt is not null;
create index presses_of_user on presses (user_id)`;

/** Numbered within the pair and within its day, so that the newest one knows how many there are. */
const MOMENTS = `
create table moments (
  pair_id        uuid not null,
  id             uuid not null,
  number         integer not null,
  day            date not null,
  of_day         integer not null,
  at             timestamptz not null,
  type           text not null check (type in ('sync', 'intuition', 'connection')),
  algorithm      text not null check (algorithm in ('press', 'alerts', 'words')),
  confidence     double precision not null check (confidence between 0 and 1),
  dt_ms          integer,
  uncertainty_ms integer,
  window_ms      integer,
  feelings       jsonb not null default '[]',
  message_id     uuid,
  phrases        jsonb not null default '[]',
  parts          jsonb not null default '[]',
  primary key (pair_id, id),
  constraint moments_number unique (pair_id, number)
);
create index moments_day on moments (pair_id, day)`;

import { Migration } from "@mikro-orm/migrations";

/** What was done to accounts, who is on their way out, and copies for those who asked for what we have of them. */
export class M0012Privacy extends Migration {
  override up(): void {
    this.addSql(AUDIT_LOG);
    this.addSql(REFUSE_REWRITING);
    this.addSql(MAKE_AUDIT_YEARS);
    // From the first year on: whoever tries it out with a clock of their own writes in the past.
    this.addSql("select make_audit_years('2026-01-01', extract(year from current_date)::int - 2026 + 5)");
    this.addSql(DEPARTURES);
    this.addSql(EXPORTS);
    this.addSql(EXPORT_CHUNKS);
    this.addSql(EXPORT_LINKS);
  }

  override down(): void {
    for (const table of ["export_links", "export_chunks", "exports", "departures", "audit_log"]) {
      this.addSql(`drop table ${table}`);
    }
    this.addSql("drop function make_audit_years(date, int)");
    this.addSql("drop function refuse_rewriting()");
  }
}

/** A UUIDv7 names its year by itself. Nothing here refers to anything: an entry outlives what it is about. */
const AUDIT_LOG = `
create table audit_log (
  id         uuid primary key,
  at         timestamptz not null,
  actor_id   uuid,
  action     text not null,
  subject_id uuid not null,
  about_id   uuid
) partition by range (id);
create index audit_log_subject on audit_log (subject_id, id);
create index audit_log_actor on audit_log (actor_id, id);
revoke update, delete, truncate on audit_log from public, current_user`;

/** For the owner of the table too, who could give themselves every right back. A year that is old enough is dropped whole. */
const REFUSE_REWRITING = `
create function refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception '% is written once: nothing in it is changed or removed', tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_log_is_written_once before update or delete on audit_log
  for each row execute function refuse_rewriting();
create trigger audit_log_is_kept before truncate on audit_log
  for each statement execute function refuse_rewriting()`;

/** Row triggers come with the table; the one against emptying it does not. */
const MAKE_AUDIT_YEARS = `
create function make_audit_years(first date, count int) returns void language plpgsql as $$
declare
  year int;
  part text;
begin
  for year in select generate_series(extract(year from first)::int, extract(year from first)::int + count) loop
    part := 'audit_log_' || year;
    continue when to_regclass(part) is not null;
    execute format(
      'create table %I partition of audit_log for values from (%L) to (%L)',
      part,
      uuidv7_from(make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC')),
      uuidv7_from(make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'UTC'))
    );
    execute format('revoke update, delete, truncate on %I from public, current_user', part);
    execute format(
      'create trigger %I before truncate on %I for each statement execute function refuse_rewriting()',
      part || '_is_kept',
      part
    );
  end loop;
end
$$`;

/** When each goes stands with the person; here, what they wanted then, and how far it is done. */
const DEPARTURES = `
create table departures (
  user_id        uuid primary key references users (id),
  asked_at       timestamptz not null,
  erase_messages boolean not null,
  queued_at      timestamptz,
  erased_at      timestamptz
)`;

/** One under way a person. \`attempt\` fences: of two workers at the same copy, the later one's counts. */
const EXPORTS = `
create table exports (
  id         uuid primary key,
  user_id    uuid not null references users (id) on delete cascade,
  status     text not null default 'pending' check (status in ('pending', 'ready', 'failed', 'expired')),
  attempt    integer not null default 0,
  created_at timestamptz not null,
  ready_at   timestamptz,
  expires_at timestamptz,
  bytes      bigint,
  sealed_key text
);
create unique index exports_one_pending on exports (user_id) where status = 'pending';
create index exports_of_user on exports (user_id);
create index exports_waiting on exports (status, created_at) where status in ('pending', 'ready')`;

/** The copy itself, in pieces of one size but for the last, each sealed by the copy's own key: there is nothing to compress. */
const EXPORT_CHUNKS = `
create table export_chunks (
  export_id uuid not null references exports (id) on delete cascade,
  attempt   integer not null,
  n         integer not null,
  body      bytea not null,
  primary key (export_id, attempt, n)
);
alter table export_chunks alter column body set storage external`;

const EXPORT_LINKS = `
create table export_links (
  hash       text primary key,
  export_id  uuid not null references exports (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at    timestamptz
);
create index export_links_export on export_links (export_id)`;

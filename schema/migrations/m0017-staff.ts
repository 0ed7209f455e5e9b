import { Migration } from "@mikro-orm/migrations";

/** Who of ours may do what, how they sign in, what becomes of reports, and why somebody's data was looked at. */
export class M0017Staff extends Migration {
  override up(): void {
    this.addSql(STAFF);
    this.addSql(ROLES);
    this.addSql(SESSIONS);
    this.addSql(REPORTS);
    this.addSql(REPORTS_INDEXES);
    this.addSql(AUDIT);
    this.addSql("create index audit_log_staff on audit_log (id) where action like 'staff.%'");
  }

  override down(): void {
    this.addSql("drop index audit_log_staff");
    // What was done to nobody in particular stays: entries are not removed.
    this.addSql("alter table audit_log drop column role, drop column reason");
    this.addSql("drop index reports_oldest, reports_decided, reports_joined, reports_of_pair");
    this.addSql(`
      alter table reports
        drop column joined_id, drop column further, drop column times, drop column held_by, drop column held_until, drop column decision,
        drop column decided_by, drop column decided_at, drop column note`);
    for (const table of ["staff_sessions", "staff_roles", "staff"]) this.addSql(`drop table ${table}`);
  }
}

const STAFF = `
create table staff (
  user_id       uuid primary key references users (id),
  sealed_secret text,
  last_step     bigint not null default 0,
  enrolled_at   timestamptz,
  created_at    timestamptz not null
)`;

/** A role of a study names its study, and no other does. */
const ROLES = `
create table staff_roles (
  id         uuid primary key,
  user_id    uuid not null references staff (user_id) on delete cascade,
  role       text not null check (role in ('support', 'moderator', 'researcher', 'study_owner', 'admin')),
  study_id   uuid,
  granted_at timestamptz not null,
  constraint staff_roles_once unique nulls not distinct (user_id, role, study_id),
  constraint staff_roles_of_study check ((study_id is not null) = (role in ('researcher', 'study_owner')))
)`;

const SESSIONS = `
create table staff_sessions (
  id         uuid primary key,
  user_id    uuid not null references staff (user_id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at   timestamptz,
  network    text not null
);
create index staff_sessions_user on staff_sessions (user_id);
create index staff_sessions_over on staff_sessions (expires_at)`;

const REPORTS = `
alter table reports
  add column joined_id  uuid,
  add column further    jsonb not null default '[]',
  add column times      integer not null default 1,
  add column held_by    uuid,
  add column held_until timestamptz,
  add column decision   text check (decision in ('dismiss', 'warn', 'remove_message', 'suspend')),
  add column decided_by uuid,
  add column decided_at timestamptz,
  add column note       text`;

/** The queue, what was decided, and what is open of one pair. */
const REPORTS_INDEXES = `
create index reports_oldest on reports (created_at, id) where status = 'open' and joined_id is null;
create index reports_decided on reports (decided_at desc, id desc) where status = 'decided' and joined_id is null;
create index reports_joined on reports (joined_id) where joined_id is not null;
create index reports_of_pair on reports (pair_id, reporter_id) where status = 'open'`;

const AUDIT = `
alter table audit_log
  alter column subject_id drop not null,
  add column role   text,
  add column reason text`;

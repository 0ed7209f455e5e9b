import { Migration } from "@mikro-orm/migrations";

/** People, their sessions, and the refresh tokens of each. */
export class M0001Accounts extends Migration {
  override up(): void {
    this.addSql(USERS);
    this.addSql(SESSIONS);
    this.addSql(REFRESH_TOKENS);
  }

  override down(): void {
    for (const table of ["refresh_tokens", "sessions", "users"]) this.addSql(`drop table ${table}`);
  }
}

/** One account an address: `email_key` is computed by us, since what a database takes for one letter depends on its locale. */
const USERS = `
create table users (
  id                         uuid primary key,
  email                      text not null,
  email_key                  text not null,
  email_verified             boolean not null default false,
  password_hash              text not null,
  status                     text not null default 'active' check (status in ('active', 'suspended', 'deleted')),
  name                       text not null,
  gender                     text,
  sexual_orientation         text,
  show_sexual_orientation    boolean not null default false,
  twin_type                  text check (twin_type in ('identical', 'fraternal', 'other')),
  other_twin_type_description text,
  twin_deceased              boolean not null default false,
  birth_date                 date check (birth_date >= '1900-01-01'),
  place_of_birth             text,
  time_of_birth              text,
  profile_picture            uuid,
  accent_color               text not null default 'neon-purple',
  timezone                   text not null default 'UTC',
  profile_version            integer not null default 1,
  settings                   jsonb not null default '{}',
  settings_version           integer not null default 1,
  last_seen_at               timestamptz,
  created_at                 timestamptz not null,
  updated_at                 timestamptz not null,
  constraint users_email_key unique (email_key)
) with (fillfactor = 80)`;

/** A device has one living session: signing in on it again ends the one before. */
const SESSIONS = `
create table sessions (
  id           uuid primary key,
  user_id      uuid not null references users (id) on delete cascade,
  device_id    text,
  device_name  text,
  created_at   timestamptz not null,
  last_used_at timestamptz not null,
  expires_at   timestamptz not null,
  revoked_at   timestamptz
);
create unique index sessions_device on sessions (user_id, device_id) where revoked_at is null and device_id is not null;
create index sessions_user on sessions (user_id, last_used_at) where revoked_at is null;
create index sessions_expires_at on sessions (expires_at)`;

/** Found by their hash; swept by their end. */
const REFRESH_TOKENS = `
create table refresh_tokens (
  hash          text primary key,
  session_id    uuid not null references sessions (id) on delete cascade,
  expires_at    timestamptz not null,
  used_at       timestamptz,
  sealed_answer text
);
create index refresh_tokens_session on refresh_tokens (session_id);
create index refresh_tokens_expires_at on refresh_tokens (expires_at)`;

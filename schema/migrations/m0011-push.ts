import { Migration } from "@mikro-orm/migrations";

/** Which phones ring, and what is due to be told them. */
export class M0011Push extends Migration {
  override up(): void {
    this.addSql(`
      create table push_tokens (
        user_id    uuid not null references users (id) on delete cascade,
        device_id  text not null,
        session_id uuid not null references sessions (id) on delete cascade,
        token      text not null,
        platform   text not null check (platform in ('ios', 'android', 'web')),
        updated_at timestamptz not null,
        primary key (user_id, device_id),
        constraint push_tokens_token unique (token)
      )`);
    this.addSql("create index push_tokens_session on push_tokens (session_id)");
    // Written in the statement that writes a room's history: nothing here makes it wait for anybody.
    this.addSql(`
      create table push_due (
        pair_id  uuid not null,
        revision bigint not null,
        user_id  uuid not null,
        due_at   timestamptz not null,
        primary key (pair_id, revision, user_id)
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01)`);
    this.addSql("create index push_due_at on push_due (due_at)");
  }

  override down(): void {
    this.addSql("drop table push_due");
    this.addSql("drop table push_tokens");
  }
}

import { Migration } from "@mikro-orm/migrations";

/** Answers that are given again, field for field, to who asks again: so json, for jsonb has an order of its own. */
export class M0004Idempotency extends Migration {
  override up(): void {
    this.addSql(`
      create table idempotency_keys (
        user_id    uuid not null references users (id) on delete cascade,
        key        text not null,
        place      text not null,
        body_hash  text not null,
        salt       text not null,
        status     integer not null,
        headers    json not null,
        reply      json not null,
        created_at timestamptz not null,
        constraint idempotency_keys_once primary key (user_id, key)
      )`);
    this.addSql("create index idempotency_keys_old on idempotency_keys (created_at)");
  }

  override down(): void {
    this.addSql("drop table idempotency_keys");
  }
}

import { Migration } from "@mikro-orm/migrations";

/** Links and codes that prove an address or a number, and where people signed in. */
export class M0009Accounts extends Migration {
  override up(): void {
    this.addSql(`
      create table one_time_links (
        hash       text primary key,
        user_id    uuid not null references users (id) on delete cascade,
        purpose    text not null check (purpose in ('verify_address', 'change_address', 'reset_password')),
        address    text not null,
        expires_at timestamptz not null,
        used_at    timestamptz
      )`);
    this.addSql("create index one_time_links_user on one_time_links (user_id, purpose)");
    this.addSql("create index one_time_links_expires_at on one_time_links (expires_at)");
    this.addSql(`
      create table phone_codes (
        user_id    uuid primary key references users (id) on delete cascade,
        phone      text not null,
        mac        text not null,
        tries      integer not null,
        expires_at timestamptz not null
      )`);
    this.addSql("create unique index users_phone on users (phone) where phone is not null");
    this.addSql(`
      create table sign_ins (
        id          uuid primary key,
        user_id     uuid not null references users (id) on delete cascade,
        at          timestamptz not null,
        device_id   text,
        device_name text,
        network     text not null,
        is_new      boolean not null
      )`);
    this.addSql("create index sign_ins_user on sign_ins (user_id, id)");
    this.addSql("create index sign_ins_at on sign_ins (at)");
  }

  override down(): void {
    this.addSql("drop index users_phone");
    for (const table of ["sign_ins", "phone_codes", "one_time_links"]) this.addSql(`drop table ${table}`);
  }
}

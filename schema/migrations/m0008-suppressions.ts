import { Migration } from "@mikro-orm/migrations";

/** Addresses that nothing is sent to any more, or less; and the text messages that said so, each of which counts once. */
export class M0008Suppressions extends Migration {
  override up(): void {
    this.addSql(`
      create table suppressions (
        channel     text not null check (channel in ('email', 'sms', 'push')),
        address_key text not null,
        reason      text not null check (reason in ('gone', 'stop', 'complaint', 'unsubscribe')),
        at          timestamptz not null,
        lifted_at   timestamptz,
        primary key (channel, address_key)
      )`);
    this.addSql(`
      create table heard_texts (
        sid text primary key,
        at  timestamptz not null
      )`);
    this.addSql("create index heard_texts_at on heard_texts (at)");
  }

  override down(): void {
    this.addSql("drop table heard_texts");
    this.addSql("drop table suppressions");
  }
}

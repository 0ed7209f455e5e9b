import { Migration } from "@mikro-orm/migrations";

/**
 * News for every process, kept for an hour or two. `made_in` is the transaction that wrote it: what somebody saw of the
 * table is told exactly by the transactions that were done by then, and by no clock.
 */
export class M0005Notices extends Migration {
  override up(): void {
    this.addSql(`
      create table notices (
        id      uuid primary key,
        news    jsonb not null,
        made_in xid8 not null default pg_current_xact_id(),
        made_at timestamptz not null default clock_timestamp()
      )`);
    this.addSql("create index notices_made_in on notices (made_in)");
    this.addSql("create index notices_made_at on notices (made_at)");
  }

  override down(): void {
    this.addSql("drop table notices");
  }
}

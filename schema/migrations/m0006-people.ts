import { Migration } from "@mikro-orm/migrations";

/** A number that was proved by a code, and the day on which somebody who asked to go is gone. */
export class M0006People extends Migration {
  override up(): void {
    this.addSql(`alter table users
      add column phone text,
      add column deletion_due_at timestamptz`);
    this.addSql("create index users_deletion_due_at on users (deletion_due_at) where deletion_due_at is not null");
  }

  override down(): void {
    this.addSql("alter table users drop column phone, drop column deletion_due_at");
  }
}

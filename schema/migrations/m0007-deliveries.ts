import { Migration } from "@mikro-orm/migrations";

/**
 * What was mailed, texted and pushed, and what became of it. No person is referred to by a key: who is erased leaves
 * figures behind, and no row that would have to wait for them.
 */
export class M0007Deliveries extends Migration {
  override up(): void {
    this.addSql(`
      create table deliveries (
        id           uuid primary key,
        channel      text not null check (channel in ('email', 'sms', 'push')),
        template     text not null,
        user_id      uuid,
        about        text,
        address_key  text not null,
        sealed       text,
        status       text not null check (status in
          ('queued', 'sending', 'sent', 'delivered', 'bounced', 'failed', 'suppressed')),
        provider_id  text,
        attempts     integer not null,
        reason       text,
        created_at   timestamptz not null,
        updated_at   timestamptz not null,
        sent_at      timestamptz,
        delivered_at timestamptz,
        opened_at    timestamptz,
        clicked_at   timestamptz,
        answered_at  timestamptz
      ) with (fillfactor = 80)`);
    this.addSql("create index deliveries_provider_id on deliveries (provider_id) where provider_id is not null");
    this.addSql("create index deliveries_created_at on deliveries (created_at)");
    this.addSql("create index deliveries_about on deliveries (about) where about is not null");
    this.addSql("create index deliveries_user on deliveries (user_id) where user_id is not null");
  }

  override down(): void {
    this.addSql("drop table deliveries");
  }
}

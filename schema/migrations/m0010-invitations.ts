import { Migration } from "@mikro-orm/migrations";

const STATUSES = "'pending', 'failed', 'sent', 'delivered', 'accepted', 'declined', 'cancelled', 'expired'";

/** Invitations that are sent to somebody, beside the codes that are read aloud; and who wants nothing to do with whom. */
export class M0010Invitations extends Migration {
  override up(): void {
    this.addSql(`
      alter table invitations
        add column kind text not null default 'code' check (kind in ('code', 'sent')),
        add column token_hash text,
        add column sealed text,
        add column sendings jsonb not null default '{}',
        add column sent_at timestamptz,
        add column responded_at timestamptz,
        drop constraint invitations_status_check,
        add constraint invitations_status_check check (status in (${STATUSES})),
        add constraint invitations_token unique (token_hash)`);
    // One code a person can be open, and any number of invitations.
    this.addSql("drop index invitations_one_pending");
    this.addSql(`create unique index invitations_one_pending on invitations (inviter_id)
      where status = 'pending' and kind = 'code'`);
    this.addSql("create index invitations_inviter on invitations (inviter_id, id)");
    this.addSql(`create index invitations_open on invitations (expires_at)
      where status in ('pending', 'failed', 'sent', 'delivered')`);
    this.addSql("create index invitations_sealed on invitations (expires_at) where sealed is not null");
    this.addSql(`
      create table blocks (
        blocker_id uuid not null references users (id),
        blocked_id uuid not null references users (id),
        created_at timestamptz not null,
        primary key (blocker_id, blocked_id)
      )`);
    this.addSql("create index blocks_blocked on blocks (blocked_id)");
    this.addSql(`
      create table reports (
        id          uuid primary key,
        reporter_id uuid not null,
        reported_id uuid not null,
        pair_id     uuid not null,
        reason      text not null,
        details     text,
        messages    jsonb,
        status      text not null check (status in ('open', 'decided')),
        created_at  timestamptz not null,
        due_at      timestamptz not null
      )`);
    this.addSql("create index reports_open on reports (created_at) where status = 'open'");
    this.addSql("create index reports_reporter on reports (reporter_id, created_at)");
    this.addSql("create index reports_kept on reports (created_at) where messages is not null");
  }

  override down(): void {
    this.addSql("drop table reports");
    this.addSql("drop table blocks");
    this.addSql("delete from invitations where kind = 'sent'");
    this.addSql("drop index invitations_one_pending");
    this.addSql("create unique index invitations_one_pending on invitations (inviter_id) where status = 'pending'");
    this.addSql(`
      alter table invitations
        drop constraint invitations_status_check,
        add constraint invitations_status_check check (status in ('pending', 'accepted', 'cancelled')),
        drop column kind, drop column token_hash, drop column sealed, drop column sendings, drop column sent_at,
        drop column responded_at`);
  }
}

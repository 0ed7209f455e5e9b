import { Migration } from "@mikro-orm/migrations";

/** Pictures and recordings, and the stories some of them are part of. */
export class M0015Media extends Migration {
  override up(): void {
    this.addSql(STORIES);
    this.addSql(MEDIA);
    this.addSql("create index messages_media on messages (pair_id, media_id) where media_id is not null");
    this.addSql(FOLLOW_MESSAGES);
  }

  override down(): void {
    this.addSql("drop trigger messages_bring_media on messages");
    this.addSql("drop trigger messages_take_media_along on messages");
    this.addSql("drop function media_follow_messages()");
    this.addSql("drop index messages_media");
    this.addSql("drop table media");
    this.addSql("drop table stories");
  }
}

const STORIES = `
create table stories (
  id         uuid primary key,
  author_id  uuid not null references users (id),
  pair_id    uuid references pairs (id),
  title      text not null,
  content    text,
  photos     uuid[] not null,
  visibility text not null check (visibility in ('twin', 'private')),
  milestone  boolean not null,
  date       date,
  terms      text[] not null,
  version    integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index stories_of_author on stories (author_id, id);
create index stories_of_pair on stories (pair_id, id) where visibility = 'twin'`;

/** What was announced counts for its owner's quota until its files are gone. */
const MEDIA = `
create table media (
  id             uuid primary key,
  owner_id       uuid not null references users (id),
  pair_id        uuid references pairs (id),
  purpose        text not null check (purpose in ('avatar', 'chat', 'voice', 'story', 'assessment')),
  status         text not null default 'pending'
    check (status in ('pending', 'checking', 'ready', 'refused', 'removing')),
  content_type   text not null,
  bytes          bigint not null check (bytes > 0),
  sha256         text,
  width          integer,
  height         integer,
  duration_ms    integer,
  waveform       jsonb,
  placeholder    text,
  variants       jsonb not null default '[]',
  stored_bytes   bigint not null,
  refusal_code   text,
  refusal_reason text,
  created_at     timestamptz not null,
  ready_at       timestamptz,
  sent_at        timestamptz,
  story_id       uuid references stories (id) on delete set null,
  gone_at        timestamptz
);
create index media_of_owner on media (owner_id);
create index media_of_story on media (story_id) where story_id is not null;
create index media_unfinished on media (created_at) where status in ('pending', 'checking', 'refused');
create index media_unused on media (ready_at) where status = 'ready' and sent_at is null and story_id is null;
create index media_gone on media (gone_at) where gone_at is not null`;

/**
 * A message and what it bears come and go in one transaction, whoever writes it: a room, or an erasure. Of several
 * messages that bear the same, the last takes it along.
 */
const FOLLOW_MESSAGES = `
create function media_follow_messages() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update media set sent_at = coalesce(sent_at, new.sent_at), gone_at = null where id = new.media_id and status = 'ready';
  else
    update media set gone_at = coalesce(new.deleted_at, now())
    where id = old.media_id and gone_at is null
    and not exists (select from messages o where o.pair_id = old.pair_id and o.media_id = old.media_id);
  end if;
  return null;
end
$$;
create trigger messages_bring_media after insert on messages
  for each row when (new.media_id is not null) execute function media_follow_messages();
create trigger messages_take_media_along after update on messages
  for each row when (old.media_id is not null and new.media_id is null) execute function media_follow_messages()`;

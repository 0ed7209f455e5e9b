import { Migration } from "@mikro-orm/migrations";

/**
 * One new message of one pair, appended by a function: its plans stay with the connection, while the statement that
 * appends to many pairs is read and planned anew each time.
 */
export class M0019AppendOne extends Migration {
  override up(): void {
    this.addSql(APPEND_ONE);
  }

  override down(): void {
    this.addSql("drop function append_one_v1");
  }
}

/**
 * Tells `won`, and has written what server/adapters/database/append.ts would have; or it has written nothing: `known`, the
 * command was done before; `missed`, the pair's row stands under another epoch or revision, or somebody holds it, and
 * nobody waits for a stranger.
 *
 * It has its caller's rights, and finds tables as its caller's statements do. The code of the release before runs beside
 * the next, so what a function does never changes: what does otherwise has another name.
 */
const APPEND_ONE = `
create function append_one_v1(
  _pair_id uuid, _epoch bigint, _expected bigint, _revision bigint, _event text, _hash bytea,
  _id uuid, _seq bigint, _version bigint, _sender_id uuid, _key text, _type text, _text text, _encrypted text,
  _media_id uuid, _location jsonb, _reply_to uuid, _reactions jsonb, _hides jsonb, _pinned boolean, _salt text,
  _terms bigint[], _sent_at timestamptz, _edited_at timestamptz, _deleted_at timestamptz,
  _due_to uuid, _due_at timestamptz
) returns text language plpgsql as $$
begin
  -- Whatever the role's default is. Said beside the function's name, it would end before the commit that it is for.
  perform set_config('synchronous_commit', 'on', true);

  if exists (select from journal j where j.pair_id = _pair_id and j.actor_id = _sender_id and j.key = _key) then
    return 'known';
  end if;

  -- Had the command been done since that look, the revision would be another.
  perform from pair_rooms h where h.pair_id = _pair_id and h.epoch = _epoch and h.revision = _expected
  for no key update skip locked;
  if not found then
    return 'missed';
  end if;

  update pair_rooms h set revision = _revision, version = _version, last_seq = _seq, last_id = _id
  where h.pair_id = _pair_id;

  insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, hash, at)
  values (_pair_id, _revision, _version, _seq, _event, _id, _sender_id, _key, _hash, _sent_at);

  insert into messages (pair_id, id, seq, version, sender_id, key, type, text, encrypted, media_id, location, reply_to,
    reactions, hides, pinned, salt, terms, sent_at, edited_at, deleted_at)
  values (_pair_id, _id, _seq, _version, _sender_id, _key, _type, _text, _encrypted, _media_id, _location, _reply_to,
    _reactions, _hides, _pinned, _salt, _terms, _sent_at, _edited_at, _deleted_at);

  if _due_to is not null then
    insert into push_due (pair_id, revision, user_id, due_at) values (_pair_id, _revision, _due_to, _due_at);
  end if;
  return 'won';
end
$$`;

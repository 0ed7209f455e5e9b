import { z } from "zod";
import type { MessageEraser } from "../../../domain/erasure.ts";
import type { Database } from "../../../domain/ports.ts";
import { BEFORE_ALL_IDS } from "../../../schema/wire/ids.ts";
import { asked } from "./asked.ts";

/** So many in one go keep the pair's row for some milliseconds. */
const AT_ONCE = 500;

/** A statement of its own: what follows must see what whoever held the row before has done. */
const HOLD = "select from pair_rooms where pair_id = ? for no key update";

/**
 * One slice: what a person said in a pair becomes tombstones, and their reactions go, as if they had taken back each by
 * hand. Every message changed has its row in the journal, so that devices find it when they sync. The pair takes the
 * next epoch: a room that remembers words writes nothing and shows nothing any more.
 */
const ERASE = `
with asked as materialized (
  select ?::uuid as pair_id, ?::uuid as user_id, ?::uuid as after, ?::timestamptz as at
), head as materialized (
  select h.pair_id, h.revision, h.version from pair_rooms h join asked using (pair_id)
), own as materialized (
  select id, is_own, row_number() over (order by id) as n from (
    select m.id, m.sender_id = a.user_id as is_own from asked a, messages m
    where m.pair_id = a.pair_id and m.id > a.after
    and (m.sender_id = a.user_id and m.deleted_at is null
      or m.reactions @> jsonb_build_array(jsonb_build_object('userId', a.user_id)))
    order by m.id limit ${AT_ONCE}
  ) m
), erased as (
  update messages o
  set version = head.version + own.n,
    text = case when not is_own then text end, encrypted = case when not is_own then encrypted end,
    media_id = case when not is_own then media_id end, location = case when not is_own then location end,
    salt = case when not is_own then salt end, terms = case when not is_own then terms end,
    pinned = pinned and not is_own, deleted_at = case when is_own then a.at else deleted_at end,
    reactions = case when is_own then '[]' else (
      select coalesce(jsonb_agg(r order by place), '[]')
      from jsonb_array_elements(o.reactions) with ordinality as every(r, place) where r ->> 'userId' <> a.user_id::text
    ) end
  from asked a, head, own where o.pair_id = a.pair_id and o.id = own.id and o.id > a.after
), journalled as (
  insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, hash, at)
  select pair_id, head.revision + n, head.version + n, null,
    case when is_own then 'chat.message_deleted' else 'chat.reaction_changed' end, id, user_id, null, null, at
  from asked join head using (pair_id), own
), done as materialized (
  select count(*) as messages, max(id::text) as last from head, own -- which are read before the head moves on
), advanced as (
  update pair_rooms h
  set revision = revision + messages, version = version + messages, epoch = epoch + 1, owner = null, room_id = null
  from asked a, done where h.pair_id = a.pair_id and messages > 0
  returning epoch
)
select last, (select epoch from advanced) as epoch from done`;

/** What was felt leaves no gap when it goes: alerts, words of moments, and what was noticed by words of theirs. */
const ERASE_FELT = `
with asked as materialized (
  select ?::uuid as pair_id, ?::uuid as user_id
), told as (
  delete from alerts o using asked a where o.pair_id = a.pair_id and o.user_id = a.user_id
)
update moments o
set feelings = (select coalesce(jsonb_agg(f), '[]') from jsonb_array_elements(feelings) f where f ->> 'userId' <> a.user_id::text),
  phrases = case when exists (
    select from messages m where m.pair_id = o.pair_id and m.id = o.message_id and m.sender_id <> a.user_id
  ) then phrases else '[]' end
from asked a where o.pair_id = a.pair_id and (jsonb_array_length(feelings) > 0 or jsonb_array_length(phrases) > 0)`;

const STANDING = `select epoch, last_seq as "lastSeq" from pair_rooms where pair_id = ?`;

const Done = z.tuple([z.object({ last: z.uuid().nullable() })]);
const Standing = z.array(z.object({ epoch: z.coerce.number(), lastSeq: z.coerce.number() }));

/** Takes words out of history by a statement of its own: a hundred thousand messages are many, and no room need be open. */
export function messageEraser(database: Database): MessageEraser {
  return {
    erase: ({ pairId, userId }, after = BEFORE_ALL_IDS, at) =>
      database.transaction(async (em) => {
        await asked(em, HOLD, [pairId]);
        if (after === BEFORE_ALL_IDS) await asked(em, ERASE_FELT, [pairId, userId]);
        const [{ last }] = Done.parse(await asked(em, ERASE, [pairId, userId, after, new Date(at).toISOString()]));
        return last ?? undefined;
      }),

    standing: (pairId) =>
      database.read(async (em) => {
        const [standing] = Standing.parse(await asked(em, STANDING, [pairId]));
        return standing ?? { epoch: 0, lastSeq: 0 };
      }),
  };
}

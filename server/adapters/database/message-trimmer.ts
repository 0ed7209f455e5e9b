import { z } from "zod";
import type { MessageTrimmer } from "../../../domain/message-retention.ts";
import { BEFORE_ALL_IDS, PairId } from "../../../schema/wire/ids.ts";
import { asked } from "./asked.ts";
import { idFrom } from "./message-rows.ts";

/** So many in one go keep the pair's row for some milliseconds. */
const AT_ONCE = 500;

/** Pairs one after the other, each with one look into the index of every month that is old enough. */
const PAIRS = `
select h.pair_id as "pairId", exists (
  select from messages m where m.pair_id = h.pair_id and m.id < ?::uuid
) as "isDue"
from (select pair_id from pair_rooms where pair_id > ?::uuid order by pair_id limit ?) h order by h.pair_id`;

/** A statement of its own: what follows must see what whoever held the row before has done. */
const HOLD = "select from pair_rooms where pair_id = ? for no key update";

/**
 * One slice, the oldest: messages go with their words and what they bear, history begins after them, and the journal has
 * one row of it. Owner and epoch stay: a room that is open fails its next write, looks, and reads of it there.
 */
const TRIM = `
with asked as materialized (
  select ?::uuid as pair_id, ?::timestamptz as at
), head as materialized (
  select h.* from pair_rooms h join asked using (pair_id)
), old as materialized (
  select m.id, m.seq from asked a, messages m where m.pair_id = a.pair_id and m.id < ?::uuid
  order by m.id limit ${AT_ONCE}
), gone as (
  delete from messages o using asked a, old where o.pair_id = a.pair_id and o.id = old.id and o.id < ?::uuid
), forgotten as (
  update moments o set phrases = '[]' from asked a, old
  where o.pair_id = a.pair_id and o.message_id = old.id and jsonb_array_length(o.phrases) > 0
), last as materialized (
  select id, seq from old order by seq desc limit 1
), journalled as (
  insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, hash, at)
  select a.pair_id, head.revision + 1, head.version + 1, null, 'history.trimmed', last.id, null, null, null, a.at
  from asked a, head, last
)
update pair_rooms h set revision = h.revision + 1, version = h.version + 1, first_seq = last.seq + 1
from asked a, last where h.pair_id = a.pair_id
returning h.owner is not null as "isOpen", (select count(*) from old) = ${AT_ONCE} as "hasMore"`;

const Pairs = z.array(z.object({ pairId: PairId, isDue: z.boolean() }));
const Trimmed = z.array(z.object({ isOpen: z.boolean(), hasMore: z.boolean() })).max(1);

/** Takes what is too old out of history by a statement of its own: no room need be open, and one that is goes on. */
export const messageTrimmer: MessageTrimmer = {
  async pairs(em, before, after, limit) {
    const pairs = Pairs.parse(await asked(em, PAIRS, [idFrom(before), after ?? BEFORE_ALL_IDS, limit]));
    return {
      due: pairs.flatMap(({ pairId, isDue }) => (isDue ? [pairId] : [])),
      next: pairs.length < limit ? undefined : pairs.at(-1)?.pairId,
    };
  },

  async trim(em, pairId, before, at) {
    await asked(em, HOLD, [pairId]);
    const bound = idFrom(before);
    const [trimmed] = Trimmed.parse(await asked(em, TRIM, [pairId, new Date(at).toISOString(), bound, bound]));
    return trimmed;
  },
};

import type { Pool } from "pg";
import type { Claims } from "../../../rooms/claims.ts";
import { asking } from "./unavailable.ts";

/**
 * Under an epoch nobody had before; only if nobody else took the pair since we looked. A database that lost its tail may
 * have lost claims with it: on every line of history but the first, epochs go on from the time that line was begun.
 */
const CLAIM = `
with next as (
  select greatest($2::bigint + 1, (
    select (extract(epoch from max(made_at)) * 1000)::bigint from history_lines having count(*) > 1
  )) as epoch
)
update pair_rooms r
set epoch = next.epoch, owner = $3, room_id = r.pair_id || '_' || next.epoch, claimed_at = now()
from next where r.pair_id = $1 and r.epoch = $2
returning r.epoch`;

/** The owner, and when it was last heard of, in one look. */
const LOOK = `
select r.epoch, r.owner, p.address, extract(epoch from clock_timestamp() - p.beat_at)::float8 * 1000 as "silentMs"
from pair_rooms r left join processes p on p.process_id = r.owner
where r.pair_id = $1`;

const GIVE_BACK = "update pair_rooms set owner = null, room_id = null where pair_id = $1 and epoch = $2";

/** More would keep everything else of this process waiting for some milliseconds. */
const AT_ONCE = 1000;

const LOST = `
select r.pair_id as "pairId", r.status = 'closed' as "isClosed"
from unnest($1::uuid[], $2::bigint[]) as mine(pair_id, epoch) join pair_rooms r on r.pair_id = mine.pair_id
where r.epoch <> mine.epoch`;

interface Looked {
  readonly epoch: number;
  readonly owner: string | null;
  readonly address: string | null;
  readonly silentMs: number | null;
}

/** Who owns which pair, in the row that also heads its history. */
export function databaseClaims(database: Pick<Pool, "query">): Claims {
  const pool = asking(database);
  return {
    async look(pairId) {
      const { rows } = await pool.query<Looked>(LOOK, [pairId]);
      if (!rows[0]) return undefined;
      const { epoch, owner: processId, address, silentMs } = rows[0];
      return { epoch, owner: processId === null ? null : { processId, address, silentMs } };
    },
    async claim(pairId, epoch, owner) {
      const { rows } = await pool.query<{ epoch: number }>(CLAIM, [pairId, epoch, owner]);
      return rows[0]?.epoch;
    },
    async giveBack(pairId, epoch) {
      await pool.query(GIVE_BACK, [pairId, epoch]);
    },
    async lost(mine) {
      const all: { pairId: string; isClosed: boolean }[] = [];
      for (let from = 0; from < mine.length; from += AT_ONCE) {
        const some = mine.slice(from, from + AT_ONCE);
        const values = [some.map(({ pairId }) => pairId), some.map(({ epoch }) => epoch)];
        all.push(...(await pool.query<{ pairId: string; isClosed: boolean }>(LOST, values)).rows);
      }
      return all;
    },
  };
}

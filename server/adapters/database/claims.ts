import type { Pool } from "pg";
import type { Claims } from "../../../rooms/seats.ts";

/** Under an epoch nobody had before; only if nobody else took the pair since we looked. */
const CLAIM = `
update pair_rooms set epoch = epoch + 1, owner = $3, room_id = pair_id || '_' || (epoch + 1), claimed_at = now()
where pair_id = $1 and epoch = $2
returning epoch`;

const LOOK = `select epoch, owner, status = 'closed' as "isClosed" from pair_rooms where pair_id = $1`;

const GIVE_BACK = "update pair_rooms set owner = null, room_id = null where pair_id = $1 and epoch = $2";

/** Who owns which pair, in the row that also heads its history. */
export function databaseClaims(pool: Pool): Claims {
  return {
    async look(pairId) {
      const { rows } = await pool.query<{ epoch: number; owner: string | null; isClosed: boolean }>(LOOK, [pairId]);
      return rows[0];
    },
    async claim(pairId, epoch, owner) {
      const { rows } = await pool.query<{ epoch: number }>(CLAIM, [pairId, epoch, owner]);
      return rows[0]?.epoch;
    },
    async giveBack(pairId, epoch) {
      await pool.query(GIVE_BACK, [pairId, epoch]);
    },
  };
}

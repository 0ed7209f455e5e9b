import type { Pool } from "pg";
import { z } from "zod";
import { PairId } from "../../../schema/wire/ids.ts";

const ROW = `
select h.pair_id as "pairId", h.status, h.owner, p.beat_at as "ownerBeatAt", h.epoch, h.revision, h.version,
  h.first_seq as "firstSeq", h.last_seq as "lastSeq", h.claimed_at as "claimedAt"
from pair_rooms h left join processes p on p.process_id = h.owner where h.pair_id = $1`;

const figure = z.coerce.number();

const moment = z
  .date()
  .nullable()
  .transform((at) => at?.toISOString() ?? null);

const Rows = z.array(
  z.object({
    ...{ pairId: PairId, status: z.enum(["open", "closed"]), owner: z.string().nullable(), ownerBeatAt: moment },
    ...{ epoch: figure, revision: figure, version: figure, firstSeq: figure, lastSeq: figure, claimedAt: moment },
  }),
);

/** How a pair's room stands, as its row has it. */
export async function roomRow(pool: Pick<Pool, "query">, pairId: PairId) {
  const { rows } = await pool.query(ROW, [pairId]);
  return Rows.parse(rows)[0];
}

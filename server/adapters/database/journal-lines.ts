import type { Pool } from "pg";
import { type PairId, UserId } from "../../../schema/wire/ids.ts";
import type { JournalLine } from "../../../schema/wire/two-phones.ts";

interface Row {
  readonly revision: number;
  readonly version: number;
  readonly seq: number | null;
  readonly type: string;
  readonly actor_id: string | null;
  readonly at: Date;
}

const NEWEST = `
select revision, version, seq, type, actor_id, at from journal
where pair_id = $1 and type <> 'twintuition.pressed' order by revision desc limit 60`;

/** What happened lately in a pair, for whoever looks on: the newest first. A press is nobody's to see, here either. */
export const journalLines =
  (pool: Pool) =>
  async (pairId: PairId): Promise<readonly JournalLine[]> => {
    const { rows } = await pool.query<Row>(NEWEST, [pairId]);
    return rows.map(({ revision, version, seq, type, actor_id, at }) => ({
      ...{ revision, version, seq, type },
      by: actor_id === null ? null : UserId.parse(actor_id),
      at: at.toISOString(),
    }));
  };

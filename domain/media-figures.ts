import type { EntityManager } from "@mikro-orm/core";
import type { Database } from "./ports.ts";

export interface MediaCount {
  readonly purpose: string;
  readonly status: string;
  readonly count: number;
  readonly bytes: number;
}

const COUNTS = `
select purpose, case when gone_at is null then status else 'gone' end as status, count(*) as count,
  coalesce(sum(stored_bytes), 0) as bytes
from media group by 1, 2`;

interface CountRow {
  readonly purpose: string;
  readonly status: string;
  readonly count: string;
  readonly bytes: string;
}

/** How much is kept, and of what. `gone`: nobody sees it any more, and it is about to be removed. */
export const mediaCounts = (database: Database): Promise<readonly MediaCount[]> =>
  database.read(async (em: EntityManager) => {
    const rows: CountRow[] = await em.getConnection().execute(COUNTS, [], "all", em.getTransactionContext());
    return rows.map(({ count, bytes, ...of }) => ({ ...of, count: Number(count), bytes: Number(bytes) }));
  });

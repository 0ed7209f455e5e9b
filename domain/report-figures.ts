import type { EntityManager } from "@mikro-orm/core";
import type { Database } from "./ports.ts";

/** What somebody told more of an open one is decided with it, and counts with it. */
const COUNTS = `
select count(*)::int as waiting, (count(*) filter (where due_at < ?))::int as overdue
from reports where status = 'open' and joined_id is null`;

export interface ReportCounts {
  readonly waiting: number;
  /** Among these, whose answer was promised by then. */
  readonly overdue: number;
}

/** How many reports nobody has decided yet, at that time (milliseconds since 1970). */
export const reportCounts = (database: Pick<Database, "read">, now: number): Promise<ReportCounts> =>
  database.read(async (em: EntityManager) => {
    const at = new Date(now).toISOString();
    const [counts] = await em.getConnection().execute(COUNTS, [at], "all", em.getTransactionContext());
    return counts;
  });

import type { EntityManager } from "@mikro-orm/core";
import type { SubscriptionStatus } from "../../schema/wire/subscriptions.ts";
import type { Database } from "../ports.ts";

const STATUSES = `select status, count(*)::int as count from subscriptions group by status`;

/** Whoever took it up again counts as one who came: there is one row of each purchase. */
const CHANGES = `
select 'started' as change, count(*)::int as count from subscriptions where started_at >= ?
union all
select 'lost', count(*)::int from subscriptions where lost_at >= ?`;

export interface SubscriptionFigures {
  readonly statuses: readonly { readonly status: SubscriptionStatus; readonly count: number }[];
  readonly changes: readonly { readonly change: "started" | "lost"; readonly count: number }[];
}

/** How many there are of each kind, and how many came and went since then (milliseconds since 1970). */
export const subscriptionFigures = (database: Pick<Database, "read">, since: number): Promise<SubscriptionFigures> =>
  database.read(async (em: EntityManager) => {
    const from = new Date(since).toISOString();
    const ask = (sql: string, values: unknown[]) =>
      em.getConnection().execute(sql, values, "all", em.getTransactionContext());
    return { statuses: await ask(STATUSES, []), changes: await ask(CHANGES, [from, from]) };
  });

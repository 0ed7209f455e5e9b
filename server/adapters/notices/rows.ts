import type { Pool } from "pg";

/** What somebody has seen of the table. */
export interface Sight {
  /** The transactions that were done by then, in PostgreSQL's own words. */
  readonly snapshot: string;
  /** Milliseconds since 1970, by the database's clock. */
  readonly at: number;
}

export interface NoticeRow {
  readonly id: string;
  readonly news: unknown;
}

type Read = Sight & (NoticeRow | { readonly id: null });

/** Nobody was away for longer who still has anything to hear: their rooms are others', their tokens have run out. */
const KEPT = "1 hour";

const NOW = "select pg_current_snapshot()::text as snapshot, (extract(epoch from now()) * 1000)::float8 as at";

/**
 * Whatever was not visible at the last look, however late it was committed; and what was made lately all the same: a
 * standby that took over may count its transactions anew. Always one row at least, which says what is seen now.
 */
const UNSEEN = `
select seen.*, n.id, n.news from (${NOW}) seen
left join notices n
  on (n.made_in >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(n.made_in, $1::pg_snapshot))
  or n.made_at > to_timestamp($2::float8 / 1000)
order by n.made_at, n.id`;

const FORGET = `delete from notices where made_at < now() - interval '${KEPT}'`;

/** Where to begin: what there is by now is no news. */
export async function lookAtNotices(pool: Pick<Pool, "query">): Promise<Sight> {
  const { rows } = await pool.query<Sight>(NOW);
  return sightOf(rows);
}

/** In the order in which they were made. Some of those since `madeSince` were seen before. */
export async function readNotices(pool: Pick<Pool, "query">, { snapshot }: Sight, madeSince: number) {
  const { rows } = await pool.query<Read>(UNSEEN, [snapshot, madeSince]);
  return { sight: sightOf(rows), notices: rows.filter((row) => row.id !== null) };
}

export async function forgetNotices(pool: Pick<Pool, "query">): Promise<void> {
  await pool.query(FORGET);
}

function sightOf([first]: readonly Sight[]): Sight {
  if (!first) throw new Error("PostgreSQL says what it shows");
  return { snapshot: first.snapshot, at: first.at };
}

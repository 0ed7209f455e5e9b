import { randomUUID } from "node:crypto";
import type { Pool } from "pg";

/** The WAL's own line: its first eight signs name the timeline, and a standby that is promoted begins a new one. */
const TIMELINE = "select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline";

/** Of several processes that start at once, the first one's name holds. */
const MAKE = "insert into history_lines (id, timeline) values ($1, $2) on conflict (timeline) do nothing";

/**
 * Names the line of history this database is on. A database that lost its tail would give versions out a second time; it
 * does so on another timeline, so the name changes with it and devices that carry the old one start over.
 */
export async function historyLine(pool: Pool): Promise<string> {
  const now = await pool.query<{ timeline: string }>(TIMELINE);
  const timeline = now.rows[0]?.timeline ?? "";
  await pool.query(MAKE, [randomUUID(), timeline]);
  const { rows } = await pool.query<{ id: string }>("select id from history_lines where timeline = $1", [timeline]);
  if (!rows[0]) throw new Error("A line of history that was made is there");
  return rows[0].id;
}

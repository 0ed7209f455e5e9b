import type pg from "pg";
import { z } from "zod";

/** What there was: of each table how many rows, and a sum of all that stands in them, in whatever order it is read. */
export const Census = z.strictObject({
  /** By PostgreSQL's own clock: what a restore goes back to. */
  at: z.string(),
  wal: z.string(),
  tables: z.record(z.string(), z.strictObject({ rows: z.int().nonnegative(), sum: z.string() })),
});

export type Census = z.infer<typeof Census>;

/** Who lives, what waits to be done and what others have yet to hear says nothing of what was kept. */
const PASSING = ["processes", "notices", "history_lines", "idempotency_keys"];

const TABLES = `
select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition order by 1`;

/** Of one moment, however long it takes to read. */
export async function census(client: pg.ClientBase): Promise<Census> {
  await client.query("begin isolation level repeatable read read only");
  // Times are compared as they are written, whatever zone a server is in.
  await client.query("select set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true)");
  const { rows } = await client.query<{ at: string; wal: string }>(
    "select clock_timestamp()::text as at, case when pg_is_in_recovery() then '' else pg_current_wal_lsn()::text end as wal",
  );
  const { rows: tables } = await client.query<{ name: string }>(TABLES);
  const counted: Census["tables"] = {};
  for (const { name } of tables.filter((table) => !PASSING.includes(table.name)))
    counted[name] = await count(client, name);
  await client.query("commit");
  return { at: rows[0]?.at ?? "", wal: rows[0]?.wal ?? "", tables: counted };
}

/** Names come from the catalog. */
async function count(client: pg.ClientBase, name: string): Promise<{ rows: number; sum: string }> {
  const quoted = `"${name.replaceAll('"', '""')}"`;
  const { rows } = await client.query<{ rows: string; sum: string }>(
    `select count(*) as rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text as sum from ${quoted} t`,
  );
  return { rows: Number(rows[0]?.rows ?? 0), sum: rows[0]?.sum ?? "0" };
}

/** In a line each, what is not as it was; nothing if all of it is. */
export function differences(before: Census, now: Census): readonly string[] {
  const names = [...new Set([...Object.keys(before.tables), ...Object.keys(now.tables)])].sort();
  return names.flatMap((name) => {
    const [then, today] = [before.tables[name], now.tables[name]];
    if (!then) return `${name}: was not there`;
    if (!today) return `${name}: is not there; it had ${then.rows} rows`;
    if (then.rows !== today.rows) return `${name}: ${today.rows} rows instead of ${then.rows}`;
    return then.sum === today.sum ? [] : `${name}: ${today.rows} rows as before, and not the same`;
  });
}

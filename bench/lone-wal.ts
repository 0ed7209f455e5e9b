import type pg from "pg";

/** What one message leaves in a table, in its indexes, or in neither, as bytes of WAL. */
export interface WalPart {
  readonly of: string;
  readonly records: number;
  readonly bytes: number;
}

/** Where the WAL ends; or how many bytes were written since. */
export async function walBetween(pool: Pick<pg.Pool, "query">, since = 0): Promise<number> {
  const { rows } = await pool.query<{ at: number }>(
    "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as at",
  );
  return Number(rows[0]?.at) - since;
}

/** What so many messages write, and where; nobody else may write meanwhile. */
export async function walParts(
  pool: pg.Pool,
  messages: number,
  write: (n: number) => Promise<unknown>,
): Promise<WalPart[]> {
  await pool.query("create extension if not exists pg_walinspect");
  await inOrder(pool);
  const begun = await lsn(pool);
  for (let n = 0; n < messages; n++) await write(n);
  await inOrder(pool);
  const { rows } = await pool.query<{ of: string; records: number; bytes: number }>(PARTS, [begun, await lsn(pool)]);
  return rows.map(({ of, records, bytes }) => ({ of, records: records / messages, bytes: bytes / messages }));
}

/** What waits beside an index of words is put into it: that is written, too. */
async function inOrder(pool: pg.Pool): Promise<void> {
  await pool.query(`select gin_clean_pending_list(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid
    join pg_am a on a.oid = c.relam where a.amname = 'gin' and c.relkind = 'i' and i.indrelid::regclass::text like 'messages%'`);
}

async function lsn(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ lsn: string }>("select pg_current_wal_insert_lsn() as lsn");
  return rows[0]?.lsn ?? "0/0";
}

/** Full pages after a checkpoint are left out: how many there are is a matter of how long ago it was. */
const PARTS = `
select coalesce(regexp_replace(c.relname, '_\\d{6}', ''), lower(resource_manager)) as of, count(*)::int as records,
  (sum(record_length) - sum(fpi_length))::int as bytes
from pg_get_wal_records_info($1, $2)
left join lateral (select (regexp_match(block_ref, 'rel \\d+/\\d+/(\\d+)'))[1]::oid as node) block on true
left join pg_class c on c.relfilenode = block.node
group by 1 order by 3 desc`;

import type { Pool } from "pg";
import { MIGRATING } from "./migrate.ts";

/** So many months of messages can be written before somebody has to make more. */
const MONTHS_AHEAD = 12;

/** Fewer, and somebody should look why none are made. */
const ALARM_BELOW = 3;

/**
 * Making a month takes the table of messages for itself, for a moment. Every send waits behind whoever waits for that, so
 * we do not wait long: there is a year to try again.
 */
const PATIENCE = "300ms";

export interface MessageMonths {
  /** Makes what is missing of the next twelve. `skipped`: another process is at it, or migrates. */
  keep(): Promise<"skipped" | undefined>;
  /** How many months after this one have a place, without a gap; -1 if this one has none, and nothing can be said. */
  ahead(): Promise<number>;
}

const KEEP = "select make_message_months((now() at time zone 'UTC')::date, $1)";

const AHEAD = `
select coalesce(min(n), $1 + 1)::int - 1 as ahead from generate_series(0, $1::int) n
where not exists (
  select from pg_inherits
  where inhparent = 'messages'::regclass
  and inhrelid = to_regclass('messages_' || to_char((now() at time zone 'UTC') + n * interval '1 month', 'YYYYMM'))
)`;

/** There is no place for what has no month: no message can be sent any more. */
export function messageMonths(pool: Pool, log: { warn(fields: object, message: string): void }): MessageMonths {
  const ahead = async () => {
    const { rows } = await pool.query<{ ahead: number }>(AHEAD, [MONTHS_AHEAD]);
    return rows[0]?.ahead ?? -1;
  };
  return {
    ahead,
    async keep() {
      try {
        return (await ahead()) < MONTHS_AHEAD ? await make(pool) : undefined;
      } finally {
        const months = await ahead();
        if (months < ALARM_BELOW) log.warn({ months }, "messages will soon have no place: their months are not made");
      }
    },
  };
}

async function make(pool: Pool): Promise<"skipped" | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    await client.query("select set_config('lock_timeout', $1, true)", [PATIENCE]);
    const { rows } = await client.query<{ isOurs: boolean }>(`select pg_try_advisory_xact_lock($1) as "isOurs"`, [
      MIGRATING,
    ]);
    if (rows[0]?.isOurs) await client.query(KEEP, [MONTHS_AHEAD]);
    await client.query("commit");
    return rows[0]?.isOurs ? undefined : "skipped";
  } catch (error) {
    await client.query("rollback").catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

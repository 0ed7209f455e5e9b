import type { Pool } from "pg";

export interface ProcessOptions {
  readonly processId: string;
  /** How other processes reach this one. */
  readonly address: string;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** A process on the list, ourselves or another. */
export interface Listed {
  readonly processId: string;
  readonly address: string;
  /** How long ago it said that it lives, by the database's clock. */
  readonly silentMs: number;
}

export interface RegisteredProcess {
  /** Takes itself off the list, so that nobody waits for its beat to grow old. */
  stop(): Promise<void>;
}

const EVERY_MS = 500;

/** Who has been silent for that long was not stopped in order, and is of no interest to anybody any more. */
const FORGOTTEN = "1 hour";

/** By the database's clock. A beat that is lost is followed by another: none need be waited for on disk. */
const BEAT = `
with quick as materialized (select set_config('synchronous_commit', 'off', true))
insert into processes (process_id, address, beat_at) select $1, $2, clock_timestamp() from quick
on conflict (process_id) do update set address = excluded.address, beat_at = excluded.beat_at`;

/** Puts this process on the list of those alive, and keeps it there. Throws if the first beat fails. */
export async function registerProcess(pool: Pool, options: ProcessOptions): Promise<RegisteredProcess> {
  const { processId, address, log } = options;
  await pool.query(`delete from processes where beat_at < clock_timestamp() - interval '${FORGOTTEN}'`);
  await pool.query(BEAT, [processId, address]);

  let isMissing = false;
  let isStopped = false;
  let timer: NodeJS.Timeout;
  let beating: Promise<void> = Promise.resolve();

  const beat = async () => {
    const began = performance.now();
    try {
      await pool.query(BEAT, [processId, address]);
      if (isMissing) log.info({ processId }, "others see this process again");
      isMissing = false;
    } catch (error) {
      // Once an outage, not twice a second.
      if (!isMissing) log.warn({ processId, err: error }, "others may take this process for dead");
      isMissing = true;
    }
    if (!isStopped) later(EVERY_MS - (performance.now() - began));
  };
  const later = (ms: number) => {
    timer = setTimeout(
      () => {
        beating = beat();
      },
      Math.max(0, ms),
    ).unref();
  };
  later(EVERY_MS);

  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await beating;
      await pool.query("delete from processes where process_id = $1", [processId]);
    },
  };
}

const LISTED = `
select process_id as "processId", address, extract(epoch from clock_timestamp() - beat_at)::float8 * 1000 as "silentMs"
from processes`;

/** Everybody on the list, those included who fell silent and were not struck off. */
export async function listedProcesses(pool: Pool): Promise<readonly Listed[]> {
  const { rows } = await pool.query<Listed>(LISTED);
  return rows;
}

/** One of them, if it is still there. */
export async function listedProcess(pool: Pool, processId: string): Promise<Listed | undefined> {
  const { rows } = await pool.query<Listed>(`${LISTED} where process_id = $1`, [processId]);
  return rows[0];
}

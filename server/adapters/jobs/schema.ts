import type pg from "pg";
import { PgBoss } from "pg-boss";
import { queues } from "./queues.ts";

/** pg-boss keeps its tables there. */
export const BOSS_SCHEMA = "pgboss";

/** Nothing runs by itself: whoever wants something of it asks. */
export const QUIET = { schema: BOSS_SCHEMA, supervise: false, schedule: false, registerInstance: false } as const;

/** The statements of a client or of a pool, as pg-boss asks them. Of several at once it reads the rows of all. */
export const askedOf = (client: Pick<pg.ClientBase | pg.Pool, "query">) => ({
  executeSql: async (text: string, values: unknown[] = []) => {
    const answers = [await client.query(text, values)].flat();
    return { rows: answers.flatMap(({ rows }) => rows) };
  },
});

/** Makes pg-boss' tables, or brings them up to date, and every queue of ours. Asked again it changes nothing. */
export async function migrateJobs(client: pg.ClientBase): Promise<void> {
  const boss = new PgBoss({ ...QUIET, db: askedOf(client), migrate: true, createSchema: true });
  boss.on("error", () => undefined);
  try {
    await boss.start();
    for (const { name, ...options } of queues()) {
      if (await boss.getQueue(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, options);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}

/** Whether the tables are there and as new as this pg-boss wants them. */
export async function lacksJobs(client: pg.ClientBase): Promise<boolean> {
  const { rows: tables } = await client.query<{ there: boolean }>("select to_regclass($1) is not null as there", [
    `${BOSS_SCHEMA}.version`,
  ]);
  if (!tables[0]?.there) return true;
  const boss = new PgBoss({ ...QUIET, db: askedOf(client), migrate: false });
  const { rows } = await client.query<{ name: string }>(`select name from ${BOSS_SCHEMA}.queue`);
  const known = new Set(rows.map(({ name }) => name));
  return (await isOld(boss)) || queues().some(({ name }) => !known.has(name));
}

const OPTIONS = `
select name, retry_limit as "retryLimit", retry_delay as "retryDelay", retry_backoff as "retryBackoff",
  retry_delay_max as "retryDelayMax", expire_seconds as "expireInSeconds", heartbeat_seconds as "heartbeatSeconds",
  deletion_seconds as "deleteAfterSeconds", retention_seconds as "retentionSeconds", dead_letter as "deadLetter"
from ${BOSS_SCHEMA}.queue`;

/** Whether some kind of work is done otherwise than this version means to. No reason not to start: newer code may want it so. */
export async function hasOtherQueues(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<Record<string, unknown>>(OPTIONS);
  const kept = new Map(rows.map((row) => [row["name"], row]));
  return queues().some(({ name, ...options }) =>
    Object.entries(options).some(([option, value]) => kept.get(name)?.[option] !== value),
  );
}

/** A start that may not migrate says so by failing. */
async function isOld(boss: PgBoss): Promise<boolean> {
  try {
    await boss.start();
    return false;
  } catch {
    return true;
  } finally {
    await boss.stop({ graceful: false });
  }
}

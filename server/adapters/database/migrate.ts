import { Migrator } from "@mikro-orm/migrations";
import { MikroORM, type SqlEntityManager } from "@mikro-orm/postgresql";
import type pg from "pg";
import { migrations } from "../../../schema/migrations/index.ts";
import { hasOtherQueues, lacksJobs, migrateJobs } from "../jobs/schema.ts";
import { type Connecting, withClient } from "./connection.ts";
import { ormConnections } from "./orm-connections.ts";
import { inTurn } from "./turns.ts";

/** Whoever migrates holds this, so that servers started together do not trip over each other. */
export const MIGRATING = 7_431_002;

/** So many months of messages can be written before somebody has to make more. */
const MONTHS_AHEAD = 12;

/** One that holds the lock, and one that makes the table of migrations. */
const CONNECTIONS = 2;

const TABLE = "mikro_orm_migrations";

/** The queue's own tables come with its own package, and bear no number of ours. */
const JOBS = "jobs";

export interface MigrationState {
  /** Ours, that this database has not seen. */
  readonly pending: readonly string[];
  /** Its own, that we have not seen: it was migrated by newer code. */
  readonly unknown: readonly string[];
}

/** Told of each step, by name. */
export type Progress = (step: string) => void;

export async function migrationState(client: pg.ClientBase): Promise<MigrationState> {
  const applied = new Set(await appliedNames(client));
  const known = new Set(migrations.map(({ name }) => name));
  const jobs = (await lacksJobs(client)) ? [JOBS] : [];
  return {
    pending: [...[...known].filter((name) => !applied.has(name)), ...jobs],
    unknown: [...applied].filter((name) => !known.has(name)),
  };
}

/**
 * Applies what is pending, all of it or nothing, once, however many ask at the same time; then makes the months to come.
 * Whoever finds another one at it waits, and `waits` hears of that.
 */
export async function migrate(
  connecting: Connecting,
  progress: Progress,
  waits: () => void = () => undefined,
): Promise<void> {
  // DDL on a large table may take its time.
  const patient = { ...connecting, statement_timeout: undefined, query_timeout: undefined };
  const { pending, name } = await withClient(patient, async (client) => ({
    ...(await migrationState(client)),
    name: await databaseName(client),
  }));
  if (pending.some((step) => step !== JOBS)) await applyPending(patient, name, { progress, waits });
  await inTurn(() => withClient(patient, makeMonths), waits);
  if (await withClient(patient, wantsJobs)) await inTurn(() => migrateJobsAlone(patient, progress), waits);
}

const wantsJobs = async (client: pg.ClientBase): Promise<boolean> =>
  (await lacksJobs(client)) || (await hasOtherQueues(client));

/** pg-boss opens transactions of its own, so the lock is held by another connection's: that works behind any pooler. */
function migrateJobsAlone(connecting: Connecting, progress: Progress): Promise<boolean> {
  return withClient(connecting, async (holder) => {
    await holder.query("begin");
    if (!(await isOurTurn(holder))) return false;
    await withClient(connecting, async (client) => {
      // Whoever held it before may have done it.
      if (!(await wantsJobs(client))) return;
      await migrateJobs(client);
      progress(JOBS);
    });
    await holder.query("commit");
    return true;
  });
}

interface Told {
  readonly progress: Progress;
  readonly waits: () => void;
}

async function applyPending(connecting: Connecting, dbName: string, told: Told): Promise<void> {
  const orm = await MikroORM.init({
    clientUrl: connecting.connectionString,
    dbName,
    ensureDatabase: false,
    driverOptions: () => ormConnections(connecting, CONNECTIONS, () => undefined),
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: {
      migrationsList: [...migrations],
      snapshot: false,
      disableForeignKeys: false,
      silent: true,
      tableName: TABLE,
    },
  });
  try {
    const attempt = () => orm.em.fork().transactional((em) => applyLocked(orm.migrator, em, told.progress));
    await inTurn(attempt, told.waits);
  } finally {
    await orm.close();
  }
}

async function applyLocked(migrator: MikroORM["migrator"], em: SqlEntityManager, progress: Progress): Promise<boolean> {
  const [tried] = await em.execute<{ got: boolean }[]>("select pg_try_advisory_xact_lock(?) as got", [MIGRATING]);
  if (!tried?.got) return false;
  migrator.on("migrated", ({ name }) => progress(name));
  const transaction = em.getTransactionContext();
  await migrator.up(transaction ? { transaction } : {});
  return true;
}

/** Until the end of the transaction, which ends here if it is not. */
async function isOurTurn(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>("select pg_try_advisory_xact_lock($1) as got", [MIGRATING]);
  if (!rows[0]?.got) await client.query("rollback");
  return rows[0]?.got ?? false;
}

/** By its own name, which poolers may replace: one that MikroORM does not find it creates. */
async function databaseName(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ name: string }>("select current_database() as name");
  return rows[0]?.name ?? "";
}

async function appliedNames(client: pg.ClientBase): Promise<string[]> {
  const { rows: tables } = await client.query<{ there: boolean }>("select to_regclass($1) is not null as there", [
    TABLE,
  ]);
  if (!tables[0]?.there) return [];
  const { rows } = await client.query<{ name: string }>(`select name from ${TABLE} order by id`);
  return rows.map(({ name }) => name);
}

/** Says whether nobody else was at it. */
async function makeMonths(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regproc('make_message_months') is not null as there",
  );
  if (!rows[0]?.there) return true;
  await client.query("begin");
  if (!(await isOurTurn(client))) return false;
  await client.query("select make_message_months(current_date, $1)", [MONTHS_AHEAD]);
  await client.query("commit");
  return true;
}

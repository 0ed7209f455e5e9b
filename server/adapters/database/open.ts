import { MikroORM } from "@mikro-orm/postgresql";
import type pg from "pg";
import type { Database } from "../../../domain/ports.ts";
import { entities } from "../../../schema/entities/index.ts";
import { OperatorProblem } from "../../operator-problem.ts";
import { blaming } from "../../start-problems.ts";
import { brokenConnections } from "./broken.ts";
import { type Connecting, connectingTo, withClient } from "./connection.ts";
import { HistoryLine } from "./history-line.ts";
import { migrate, migrationState } from "./migrate.ts";
import { ormConnections } from "./orm-connections.ts";
import { openPool } from "./pool.ts";
import { type Lookups, onlyThePrimary, openReplica, type ReplicaOptions } from "./replica.ts";
import { refuseUnsafe } from "./safety.ts";
import { transactions } from "./transactions.ts";

export interface DatabaseOptions {
  readonly url: string;
  /** Past any pooler, for migrations. */
  readonly directUrl?: string | undefined;
  /** A standby of it, to look up what need not be of this very moment. */
  readonly replicaUrl?: string | undefined;
  /** The certificates to trust: a PEM, or the path of one. */
  readonly ca?: string | undefined;
  readonly migrate: "auto" | "never";
  /** All pools together hold no more connections than that. At least 4. */
  readonly connections: number;
  readonly log: DatabaseLog;
}

export interface DatabaseLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface OpenedDatabase {
  /** For the domain, through MikroORM. */
  readonly database: Database;
  /** For the rooms' own statements: reading, claiming, fencing. */
  readonly pool: pg.Pool;
  /** The committer's alone, so that no crowd of readers keeps a commit waiting. */
  readonly commits: pg.Pool;
  /** Where history goes on, compared at each new connection of all of these. */
  readonly line: HistoryLine;
  /** For searches, exports and lists, and for nothing that is to be counted on. */
  readonly lookups: Lookups;
  close(): Promise<void>;
}

/** Opens a PostgreSQL that keeps its word, with all tables; or throws an error that says what to do about it. */
export async function openDatabase(options: DatabaseOptions): Promise<OpenedDatabase> {
  const { url, ca, log } = options;
  const connecting = await connectingTo({ url, ca });
  await withClient(connecting, refuseUnsafe);
  await bringUp(options, connecting);

  let isClosing = false;
  const broken = brokenConnections(log);
  const report = (error: unknown) => {
    // While we go, PostgreSQL may go quicker.
    if (!isClosing) broken.heard(error);
  };
  const line = new HistoryLine((error) => log.warn({ err: error }, "not all heard of another line of history"));
  const checked = { ...connecting, onConnect: line.admit };
  const share = shares(options.connections);
  const orm = await MikroORM.init({
    clientUrl: connecting.connectionString,
    // It wants to know a name; the connections know theirs.
    dbName: "twinship",
    driverOptions: () => ormConnections(checked, share.domain, report),
    entities: [...entities],
    discovery: { warnWhenNoEntities: false },
    allowGlobalContext: false,
    // Or whoever writes something would not find it.
    preferReadReplicas: false,
    // Or it creates a database of that name.
    ensureDatabase: false,
    // Its words hold SQL, and SQL holds what people wrote.
    logger: () => undefined,
  });
  await orm.connect();
  const pool = openPool(checked, share.rooms, report);
  const commits = openPool(checked, share.commits, report);
  await line.look(pool);
  const lookups = lookupsOf(options, { primary: pool, line, connections: share.rooms });
  const database = transactions(orm, (error) => log.warn({ err: error }, "what was to follow a commit failed"));
  const close = async () => {
    isClosing = true;
    broken.end();
    await lookups.close();
    await Promise.all([commits.end(), pool.end(), orm.close()]);
  };
  return { database, pool, commits, line, lookups, close };
}

function lookupsOf(
  { replicaUrl: url, ca, log }: DatabaseOptions,
  of: Pick<ReplicaOptions, "primary" | "line" | "connections">,
): Lookups {
  return url === undefined ? onlyThePrimary(of.primary) : openReplica({ ...of, address: { url, ca }, log });
}

/** The committer sends one statement at a time; a second lane stands by while it recovers. */
function shares(connections: number): { domain: number; rooms: number; commits: number } {
  const commits = 2;
  const rooms = Math.max(1, Math.floor((connections - commits) / 2));
  return { commits, rooms, domain: Math.max(1, connections - commits - rooms) };
}

async function bringUp(
  { url, directUrl, ca, log, ...options }: DatabaseOptions,
  connecting: Connecting,
): Promise<void> {
  const isOwn = directUrl !== undefined && directUrl !== url;
  const direct = isOwn ? await blaming("DATABASE_DIRECT_URL", connectingTo({ url: directUrl, ca })) : connecting;
  const { pending, unknown } = await withClient(direct, migrationState);
  if (unknown.length > 0) log.warn({ unknown }, "newer code has migrated this database; ours runs on beside it");
  if (options.migrate === "never" && pending.length > 0) throw new OperatorProblem(pendingMessage(pending));
  const waits = () => log.info({}, "another process migrates the database: waiting for it");
  if (options.migrate === "auto") await migrate(direct, (name) => log.info({ name }, "migrated"), waits);
}

const pendingMessage = (pending: readonly string[]) =>
  `MIGRATE=never, and the database lacks ${pending.join(", ")}: run npm run db:migrate first`;

import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { startEmbedded } from "./adapters/database/embedded.ts";
import { type OpenedDatabase, openDatabase } from "./adapters/database/open.ts";
import type { Config } from "./config.ts";
import { kept } from "./kept.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";
import { Secret } from "./secret.ts";

export interface Adapters {
  readonly database: OpenedDatabase;
  /** Newest first: the first signs, all are believed. */
  readonly appSecrets: readonly Secret[];
}

interface Means {
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
}

/** What we talk to comes in two kinds: with us, in the data folder; or served by others. */
interface Choice<T> {
  /** What is served is named by this variable. */
  readonly variable: keyof Config;
  readonly embedded: (means: Means) => T;
  readonly production: (means: Means) => T;
}

/** The one table. A new way to reach the world is a row here and a file in its adapter's folder. */
const CHOICES = {
  database: { variable: "DATABASE_URL", embedded: embeddedUrl, production: servedUrl },
  appSecrets: { variable: "APP_SECRET", embedded: ownSecret, production: givenSecrets },
} as const satisfies Record<string, Choice<unknown>>;

/** Opens everything the server talks to, and says which kind it is. Released by the lifecycle, in reverse. */
export async function openAdapters(means: Means): Promise<Adapters> {
  const appSecrets = choose(means, "appSecrets", CHOICES.appSecrets);
  const url = await choose(means, "database", CHOICES.database);
  return { appSecrets, database: await opened(means, url) };
}

function choose<T>(means: Means, part: string, { variable, embedded, production }: Choice<T>): T {
  const isServed = means.config[variable] !== undefined;
  const kind = isServed ? `as ${variable} says` : "embedded, in DATA_DIR";
  means.log.info({ part, kind }, `${part}: ${kind}`);
  return isServed ? production(means) : embedded(means);
}

async function opened({ config, lifecycle, log }: Means, url: string): Promise<OpenedDatabase> {
  const database = await openDatabase({
    url,
    directUrl: config.DATABASE_DIRECT_URL?.reveal(),
    replicaUrl: config.DATABASE_REPLICA_URL?.reveal(),
    ca: config.DATABASE_CA,
    migrate: config.MIGRATE,
    connections: config.DB_MAX_CONNECTIONS,
    log,
  });
  lifecycle.add("connections to PostgreSQL", () => database.close());
  return database;
}

async function embeddedUrl({ config, lifecycle, log }: Means): Promise<string> {
  const postgres = await startEmbedded(config.DATA_DIR, { connections: config.DB_MAX_CONNECTIONS, log });
  lifecycle.add("PostgreSQL", () => postgres.stop());
  return postgres.url;
}

async function servedUrl({ config }: Means): Promise<string> {
  return config.DATABASE_URL?.reveal() ?? "";
}

function ownSecret({ config }: Means): readonly Secret[] {
  return [new Secret(kept(resolve(config.DATA_DIR), "app-secret", () => randomBytes(32).toString("hex")))];
}

function givenSecrets({ config }: Means): readonly Secret[] {
  return config.APP_SECRET ?? [];
}

import pg from "pg";
import { type DatabaseAddress, securityOf } from "./tls.ts";

/** A statement that takes longer has an outcome nobody will hear of; whoever asked finds out by itself. */
export const STATEMENT_MS = 5000;

/** Longer than a statement may take, so that the server gives up first and we learn what became of it. */
const ANSWER_MS = STATEMENT_MS + 1000;

const CONNECT_MS = 5000;

/** "protocol violation", with which a pooler declines a setting it does not know. */
const UNSUPPORTED = "08P01";

/** How to open a connection, found out once and used by all of them. */
export interface Connecting extends pg.ClientConfig {
  readonly connectionString: string;
  /** Looks at each new connection of a pool before anybody is lent it; one that it rejects is closed. */
  readonly onConnect?: (client: pg.ClientBase) => Promise<void>;
}

/** Looks whether whoever answers at that address takes a limit for statements; poolers often do not. */
export async function connectingTo(address: DatabaseAddress): Promise<Connecting> {
  const { url: connectionString, ssl } = await securityOf(address);
  const patient = { connectionString, ssl, application_name: "twinship", connectionTimeoutMillis: CONNECT_MS };
  const limited = { ...patient, statement_timeout: STATEMENT_MS };
  const common = { keepAlive: true, query_timeout: ANSWER_MS };
  return { ...((await takes(limited)) ? limited : patient), ...common };
}

async function takes(config: pg.ClientConfig): Promise<boolean> {
  try {
    await withClient(config, async () => undefined);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === UNSUPPORTED) return false;
    throw error;
  }
}

/** One connection for one piece of work. */
export async function withClient<T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(config);
  // A connection that breaks while nobody asks it anything says so here; the next question fails by itself.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

import type { Pool, QueryResult, QueryResultRow } from "pg";
import { Refusal } from "../../../domain/refusal.ts";
import { ServiceAway } from "../away.ts";

/** How long a client had better wait for a database that just went. */
const RETRY_MS = 1000;

/**
 * SQLSTATEs that say "not now" rather than "not so": connections (08), serialisation and deadlocks (40), no room (53),
 * somebody stopped it or was too slow (57, 25P03), its own files (58), a lock that was not had in time (55P03), a standby (25006).
 */
const NOT_NOW = /^(?:08|40|53|57|58)|^(?:25P03|55P03|25006)$/;

/** Node's own words for a way that is closed. */
const NO_WAY = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "EHOSTUNREACH",
]);

/** pg has no codes for what it finds out by itself. */
const PG_SAYS =
  /^(?:Query read timeout|timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error|Client was closed and is not queryable|Cannot use a pool after calling end)/;

/** Whether an error says that the database does not answer at present, and nothing about what it was asked. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof Refusal) return error.code === "UNAVAILABLE";
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isUnavailable);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return NO_WAY.has(code) || (code.length === 5 && NOT_NOW.test(code)) || PG_SAYS.test(error.message);
}

/** What is told to whoever asked: to come again, if the database does not answer; anything else stays what it is. */
export function orUnavailable(error: unknown): unknown {
  if (error instanceof Refusal || !isUnavailable(error)) return error;
  return new ServiceAway("PostgreSQL", "The database does not answer at the moment", {
    retryAfterMs: RETRY_MS,
    cause: error,
  });
}

/** What is asked of a database, in statements of our own. */
export interface Asks {
  query<R extends QueryResultRow>(sql: string, values?: unknown[]): Promise<QueryResult<R>>;
}

/** The same, and who asks while the database does not answer is told to come again: they can, and it is no bug. */
export function asking(pool: Pick<Pool, "query">): Asks {
  return {
    async query<R extends QueryResultRow>(sql: string, values?: unknown[]) {
      try {
        return await pool.query<R>(sql, values);
      } catch (error) {
        throw orUnavailable(error);
      }
    },
  };
}

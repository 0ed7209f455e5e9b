import { createPostgreSqlTypeParsers } from "@mikro-orm/sql";
import {
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from "kysely";
import pg from "pg";
import { parse as arrayOf } from "postgres-array";
import type { Connecting } from "./connection.ts";
import { listened } from "./pool.ts";

/** MikroORM reads dates and times itself, from the words of PostgreSQL. */
const types = new pg.TypeOverrides();
for (const [type, read] of Object.entries(createPostgreSqlTypeParsers((list) => arrayOf(list)))) {
  types.setTypeParser(Number(type), read);
}

/**
 * MikroORM's connections. Left to itself, Kysely never gives back a connection that broke inside a transaction, and
 * gives back one whose question was never answered as if it were free: some restarts of PostgreSQL later the pool would
 * be empty for good. So we lend clients that return themselves when they break.
 */
export function ormConnections(connecting: Connecting, max: number, report: (error: unknown) => void): PostgresDialect {
  const pool = listened(new pg.Pool({ ...connecting, max, types }), report);
  const lending: PostgresPool = {
    options: {},
    connect: async () => new Lent(await pool.connect()),
    end: () => pool.end(),
  };
  return new PostgresDialect({ pool: lending });
}

class Lent implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  #isReturned = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  query<R>(sql: string, parameters: ReadonlyArray<unknown>): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(sql: string | PostgresCursor<R>, parameters: readonly unknown[] = []): unknown {
    if (typeof sql !== "string") throw new Error("Rows are not streamed through MikroORM here");
    return this.#ask<R>(sql, parameters);
  }

  release(): void {
    this.#giveBack(false);
  }

  async #ask<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    if (this.#isReturned) throw new Error("Connection terminated: it broke before");
    try {
      return asKyselyReads<R>(await this.#client.query(sql, [...parameters]));
    } catch (error) {
      if (isBroken(error)) this.#giveBack(true);
      throw error;
    }
  }

  #giveBack(isBroken: boolean): void {
    if (this.#isReturned) return;
    this.#isReturned = true;
    this.#client.release(isBroken);
  }
}

function asKyselyReads<R>({ command, rowCount, rows }: pg.QueryResult): PostgresQueryResult<R> {
  const counted = COUNTED.find((name) => name === command) ?? "SELECT";
  return { command: counted, rowCount: rowCount ?? 0, rows };
}

const COUNTED = ["UPDATE", "DELETE", "INSERT", "MERGE"] as const;

/** PostgreSQL answers an error and stays; after anything else, and after its last word, the connection is of no use. */
const isBroken = (error: unknown) =>
  !(error instanceof pg.DatabaseError) || error.severity === "FATAL" || error.severity === "PANIC";

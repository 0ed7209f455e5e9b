import pg from "pg";
import type { Connecting } from "./connection.ts";

const INT8 = 20;

/** Connections that nobody needed for that long are given back. */
const IDLE_MS = 30_000;

/** Counters come as numbers: none of ours grows beyond what a number holds exactly. */
const types = new pg.TypeOverrides();
types.setTypeParser(INT8, Number);

/** For statements of our own. They are unnamed, so they work behind any pooler. */
export function openPool(connecting: Connecting, max: number, report: (error: unknown) => void): pg.Pool {
  const pool = new pg.Pool({ ...connecting, max, idleTimeoutMillis: IDLE_MS, types });
  // An idle connection that breaks (a restart of PostgreSQL) would end the process if nobody listened.
  pool.on("error", report);
  return pool;
}

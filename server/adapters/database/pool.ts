import pg from "pg";
import type { Connecting } from "./connection.ts";

const INT8 = 20;

/** Connections that nobody needed for that long are given back; what is done every minute shall not make them anew. */
const IDLE_MS = 120_000;

/** Counters come as numbers: none of ours grows beyond what a number holds exactly. */
const types = new pg.TypeOverrides();
types.setTypeParser(INT8, Number);

/** For statements of our own. They are unnamed, so they work behind any pooler. */
export function openPool(connecting: Connecting, max: number, report: (error: unknown) => void): pg.Pool {
  return listened(new pg.Pool({ ...connecting, max, idleTimeoutMillis: IDLE_MS, types }), report);
}

/**
 * A connection that breaks says so as an event, which ends the process if nobody listens. An idle one is worth a line;
 * one in use is not: whoever asked it something hears of it.
 */
export function listened(pool: pg.Pool, report: (error: unknown) => void): pg.Pool {
  pool.on("error", report);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  return pool;
}

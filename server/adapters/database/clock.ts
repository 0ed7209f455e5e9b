import type { Pool } from "pg";
import type { Clock } from "../../../domain/ports.ts";

export interface DatabaseClock extends Clock {
  /** Whether what `now` says was measured, and lately. */
  isTrusted(): boolean;
  /** Measures, and goes on measuring every minute. Resolves also if the database does not answer: then it is asked again soon. */
  start(): Promise<void>;
  stop(): void;
}

export interface ClockOptions {
  readonly log: { warn(fields: object, message: string): void };
  /** Milliseconds on a clock that nobody sets; `performance.now` by default. */
  readonly monotonic?: () => number;
}

const EVERY_MS = 60_000;
const AGAIN_MS = 1000;

/** Of several round trips the quickest says most: the error is at most half of it. */
const ROUND_TRIPS = 5;

/** What took longer says too little. */
const MOST_ROUND_TRIP_MS = 2000;

/** A quartz runs off by some ten milliseconds in that time; longer without an answer, and we no longer know. */
const TRUSTED_MS = 5 * EVERY_MS;

/** A jump that somebody should hear of. */
const JUMP_MS = 5000;

/**
 * The database's time, so that every process has the same. It runs on a clock that nobody sets, between measurements and
 * across them: if the database's own clock is put back, ours stands still until that has caught up.
 */
export const databaseClock = (pool: Pool, options: ClockOptions): DatabaseClock => clockOver(askedOf(pool), options);

/** Asks the database what time it is, in milliseconds since 1970. */
export type AskTime = () => Promise<number>;

const askedOf =
  (pool: Pool): AskTime =>
  async () => {
    const { rows } = await pool.query<{ now: number }>(
      "select extract(epoch from clock_timestamp())::float8 * 1000 as now",
    );
    return rows[0]?.now ?? Number.NaN;
  };

/** Of any database. */
export function clockOver(ask: AskTime, { log, monotonic = () => performance.now() }: ClockOptions): DatabaseClock {
  // Until it is measured, the machine's own.
  let offset = Date.now() - monotonic();
  let measuredAt = Number.NEGATIVE_INFINITY;
  let last = 0;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isMissed = false;

  const take = (measured: number) => {
    const isFirst = measuredAt === Number.NEGATIVE_INFINITY;
    const jump = Math.round(measured - offset);
    const what = isFirst ? "this machine's clock and the database's differ" : "the database's clock jumped";
    if (Math.abs(jump) > JUMP_MS) log.warn({ jump }, what);
    // What we said before we knew binds nobody: a machine ten minutes ahead would stand still for ten minutes.
    if (isFirst) last = 0;
    offset = measured;
    measuredAt = monotonic();
  };

  const measure = async () => {
    let isMeasured = false;
    try {
      take(await offsetBy(ask, monotonic));
      isMeasured = true;
      isMissed = false;
    } catch (error) {
      // Once an outage, not each second.
      if (!isMissed) log.warn({ err: error }, "the database's clock could not be read");
      isMissed = true;
    }
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(() => void measure(), isMeasured ? EVERY_MS : AGAIN_MS).unref();
  };

  return {
    now() {
      last = Math.max(last, Math.floor(monotonic() + offset));
      return last;
    },
    isTrusted: () => monotonic() - measuredAt < TRUSTED_MS,
    start: measure,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** How far the database's time is ahead of our monotonic clock's. */
async function offsetBy(ask: AskTime, monotonic: () => number): Promise<number> {
  let best = { roundTrip: MOST_ROUND_TRIP_MS, offset: Number.NaN };
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    const asked = monotonic();
    const now = await ask();
    const answered = monotonic();
    const roundTrip = answered - asked;
    if (roundTrip < best.roundTrip) best = { roundTrip, offset: now - (asked + answered) / 2 };
  }
  if (Number.isNaN(best.offset)) throw new Error("PostgreSQL answers too slowly to tell the time");
  return best.offset;
}

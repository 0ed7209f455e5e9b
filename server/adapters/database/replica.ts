import type { Pool } from "pg";
import { connectingTo } from "./connection.ts";
import type { HistoryLine } from "./history-line.ts";
import { openPool } from "./pool.ts";
import type { DatabaseAddress } from "./tls.ts";

/** Where it is looked up what need not be of this very moment: searches, exports, lists. */
export interface Lookups {
  /** Asks a replica that is near enough to the primary; the primary, if there is none, or it fails, or its answer will not do. */
  ask<T>(question: (pool: Pool) => Promise<T>, willDo?: (answer: T) => boolean): Promise<T>;
  /** How far the replica is behind, at most, in milliseconds; undefined if there is none, or nobody knows. */
  lagMs(): number | undefined;
  close(): Promise<void>;
}

export interface ReplicaOptions {
  readonly address: DatabaseAddress;
  readonly primary: Pool;
  readonly line: Pick<HistoryLine, "name">;
  readonly connections: number;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** What was said that long ago is found, wherever it is looked for. */
export const MOST_LAG_MS = 5000;

const LOOK_MS = 1000;

/** The primary would have answered by then. */
const CONNECT_MS = 1000;
const STATEMENT_MS = 3000;

export const onlyThePrimary = (primary: Pool): Lookups => ({
  ask: (question) => question(primary),
  lagMs: () => undefined,
  close: async () => undefined,
});

/** It may be away at any time, from the start on: nobody fails for it. */
export function openReplica({ address, primary, line, connections, log }: ReplicaOptions): Lookups {
  const nearness = new Nearness();
  let pool: Pool | undefined;
  let isAway = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  const open = async () => {
    const connecting = {
      ...(await connectingTo(address)),
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS,
    };
    return openPool(connecting, connections, () => undefined);
  };
  const away = (error: unknown) => {
    nearness.forget();
    // Once an outage.
    if (!isAway && !isClosed) log.warn({ err: error }, "the replica does not serve; the primary is asked instead");
    isAway = true;
  };
  const look = async () => {
    pool ??= await open();
    await compare(nearness, { primary, replica: pool, name: line.name() });
    if (!nearness.isNear()) return away(new Error("The replica is too far behind"));
    if (isAway) log.info({}, "the replica serves again");
    isAway = false;
  };
  let looking: Promise<void>;
  const lookOn = () => {
    looking = look().catch(away);
    void looking.then(() => {
      if (!isClosed) timer = setTimeout(lookOn, LOOK_MS).unref();
    });
  };
  lookOn();

  return {
    async ask(question, willDo = () => true) {
      if (!pool || !nearness.isNear()) return question(primary);
      try {
        const answer = await question(pool);
        return willDo(answer) ? answer : await question(primary);
      } catch (error) {
        // Whatever it is: a statement of ours that is wrong is so on the primary, too.
        away(error);
        return question(primary);
      }
    },
    lagMs: () => nearness.lagMs(),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await looking;
      await pool?.end();
    },
  };
}

/**
 * How far one who follows is behind one who writes, by what both have of the log and without anybody's clock: what has
 * come as far as the writer was at a moment is behind by what has passed since, at most.
 */
export class Nearness {
  readonly #monotonic: () => number;
  #marks: { readonly at: number; readonly position: number }[] = [];
  #freshAt = Number.NEGATIVE_INFINITY;

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** To be told where the writer is; then, where the follower is. */
  begin(): (writer: number) => (follower: number) => void {
    const at = this.#monotonic();
    return (position) => {
      this.#marks = [...this.#marks.filter((mark) => at - mark.at <= MOST_LAG_MS), { at, position }];
      return (follower) => {
        const reached = this.#marks.findLast((mark) => mark.position <= follower);
        if (reached) this.#freshAt = Math.max(this.#freshAt, reached.at);
      };
    };
  }

  isNear(): boolean {
    return this.#monotonic() - this.#freshAt <= MOST_LAG_MS;
  }

  lagMs(): number | undefined {
    return this.#freshAt === Number.NEGATIVE_INFINITY ? undefined : this.#monotonic() - this.#freshAt;
  }

  forget(): void {
    this.#marks = [];
    this.#freshAt = Number.NEGATIVE_INFINITY;
  }
}

const WRITTEN = "select (pg_current_wal_lsn() - '0/0')::float8 as position";

/**
 * How far it has come; nothing, if it is not on our line of history: a standby that followed another primary than the one
 * that was promoted has what never was. (An address for readers may lead to the primary itself: that is on its line.)
 */
const REPLAYED = `
select (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end - '0/0')::float8 as position
from history_lines
where id = $1 and case when pg_is_in_recovery() then true
  else right(timeline, 8) = substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end`;

interface Compared {
  readonly primary: Pool;
  readonly replica: Pool;
  readonly name: string;
}

async function compare(nearness: Nearness, { primary, replica, name }: Compared): Promise<void> {
  const begun = nearness.begin();
  const written = await primary.query<{ position: number }>(WRITTEN);
  const writer = begun(written.rows[0]?.position ?? Number.POSITIVE_INFINITY);
  const { rows } = await replica.query<{ position: number }>(REPLAYED, [name]);
  if (!rows[0]) throw new Error("The replica is not on the primary's line of history");
  writer(rows[0].position);
}

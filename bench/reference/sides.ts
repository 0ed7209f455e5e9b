import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import jwt from "jsonwebtoken";
import pg from "pg";
import { startEmbedded } from "../../server/adapters/database/embedded.ts";
import { listened } from "../../server/adapters/database/pool.ts";
import { startRedis } from "../../tests/support/redis.ts";
import { cpuSecondsOf, cpuSecondsOfFamily } from "../cluster-cpu.ts";
import { ClusterWorld } from "../cluster-world.ts";
import { userId } from "../world.ts";
import type { Crowd, Heard, Talk } from "./talking.ts";

/** Used so far: seconds of CPU, bytes of WAL, commits. */
export interface Used {
  readonly node: number;
  readonly postgres: number;
  readonly redis: number;
  readonly walBytes: number;
  readonly commits: number;
}

/** One of the two that are compared: a server with a PostgreSQL and a Redis of its own, and a process that loads it. */
export interface Side {
  talk(talk: Talk): Promise<Heard>;
  used(): Promise<Used>;
  close(): Promise<void>;
}

/** PostgreSQL counts a commit a second late at most. */
const COUNTED_MS = 1100;

const SECRET = "the-reference-signs-with-this-only-here";

/** Ours, as one node that others may join. */
export async function twinshipSide(pairs: number): Promise<Side> {
  const redis = await startRedis();
  const world = await ClusterWorld.open({ nodes: 1, pairs, messages: 20, settings: { REDIS_URL: redis.url } });
  const tokens = twins(pairs, (pair, twin) => world.tokenOf(pair, twin));
  const load = await loadOf({ kind: "twinship", port: world.portFor(0), tokens });
  return {
    talk: load.talk,
    async used() {
      const { nodes, postgres } = world.cpu();
      return { node: nodes, postgres, redis: cpuSecondsOf(redis.pid), ...(await written(world.pool, load.quietMs())) };
    },
    async close() {
      await load.close();
      await world.close();
      await redis.stop();
    },
  };
}

export async function referenceSide(pairs: number): Promise<Side> {
  const folder = mkdtempSync(join(tmpdir(), "twinship-bench-"));
  // Started by root, PostgreSQL runs as somebody else, who must get in.
  chmodSync(folder, 0o755);
  const [redis, postgres] = await Promise.all([startRedis(), startEmbedded(folder, { connections: 40 })]);
  const pool = listened(new pg.Pool({ connectionString: postgres.url, max: 2 }), () => undefined);
  const env = { ...process.env, DATABASE_URL: postgres.url, REDIS_URL: redis.url, SECRET };
  const server = fork(join(import.meta.dirname, "server.ts"), { env });
  const { port } = await firstWord<{ port: number }>(server);
  const tokens = twins(pairs, (pair, twin) =>
    jwt.sign({ pair: userId(pair, 0) }, SECRET, { subject: userId(pair, twin) }),
  );
  const load = await loadOf({ kind: "reference", port, tokens });
  return {
    talk: load.talk,
    async used() {
      const [node, database] = [cpuSecondsOf(server.pid), cpuSecondsOfFamily(postgres.pid())];
      return { node, postgres: database, redis: cpuSecondsOf(redis.pid), ...(await written(pool, load.quietMs())) };
    },
    async close() {
      await load.close();
      await ended(server);
      await pool.end();
      await postgres.stop();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const twins = <T>(pairs: number, of: (pair: number, twin: 0 | 1) => T): T[] =>
  Array.from({ length: pairs }, (_, pair) => [of(pair, 0), of(pair, 1)]).flat();

/** What was said more than `COUNTED_MS` ago is counted; `quietMs` is how long nothing has been said. */
async function written(pool: ClusterWorld["pool"], quietMs: number): Promise<{ walBytes: number; commits: number }> {
  await wait(Math.max(0, COUNTED_MS - quietMs));
  const { rows } = await pool.query<{ walBytes: number; commits: number }>(`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as "walBytes",
      (select xact_commit from pg_stat_database where datname = current_database())::float8 as commits`);
  const [now] = rows;
  if (!now) throw new Error("PostgreSQL does not say what it has written");
  return now;
}

async function loadOf(crowd: Crowd) {
  const child = fork(join(import.meta.dirname, "talking.ts"), { serialization: "advanced" });
  child.send(crowd);
  await firstWord(child);
  let endedAt = performance.now();
  return {
    async talk(talk: Talk): Promise<Heard> {
      child.send(talk);
      const heard = await firstWord<Heard>(child);
      endedAt = performance.now();
      return heard;
    },
    quietMs: () => performance.now() - endedAt,
    close: () => ended(child),
  };
}

async function firstWord<T>(child: ChildProcess): Promise<T> {
  const heard = new AbortController();
  const { signal } = heard;
  const gone = once(child, "exit", { signal }).then(() =>
    Promise.reject(new Error("It ended before it said anything")),
  );
  try {
    const [word] = await Promise.race([once(child, "message", { signal }), gone]);
    return word;
  } finally {
    // Nobody listens for the other any more.
    heard.abort();
    gone.catch(() => undefined);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.disconnect();
  await exit;
}

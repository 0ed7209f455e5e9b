import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { commandLine } from "../server/command-line.ts";
import { startRedis, type TestRedis } from "../tests/support/redis.ts";
import { LeanPhone } from "./cluster-phone.ts";
import { Talkers } from "./cluster-talkers.ts";
import { ClusterWorld } from "./cluster-world.ts";

const MESSAGES = 20;
const JOINS_AT_ONCE = 10;
const SETTLE_MS = 5000;

export interface UnitCostsSize {
  readonly nodes: number;
  readonly pairs: number;
  readonly idleMs: number;
  /** Few messages at once, and then as many as are answered. */
  readonly talkMs: number;
}

export const USUAL: UnitCostsSize = { nodes: 2, pairs: 200, idleMs: 10_000, talkMs: 20_000 };

/** How few talk while few messages are written at once: at most two hundred a second. */
const FEW = 20;

/** How many say one thing after the other while many are. */
const MANY = 100;

export interface UnitCosts {
  readonly joins: number;
  readonly redisCommandsAJoin: number;
  readonly redisCommandsASend: number;
  readonly redisCommandUs: number;
  readonly redisRoomBytes: number;
  readonly sendWalBytes: number;
  readonly gatheredSendWalBytes: number;
  readonly messageDiskBytes: number;
  readonly gatheredSendPostgresCpuMs: number;
  readonly sends: number;
  readonly gatheredSends: number;
}

/** Used so far, by all. */
interface Used {
  readonly at: number;
  readonly commands: number;
  readonly redisSeconds: number;
  readonly redisBytes: number;
  readonly walBytes: number;
  readonly diskBytes: number;
  readonly postgresSeconds: number;
}

/** Counts and CPU of what the capacity plan wants to know besides: what nodes ask Redis, and what messages weigh. */
export async function measureUnitCosts(size: UnitCostsSize, progress: (done: string) => void): Promise<UnitCosts> {
  const redis = await startRedis();
  try {
    const { nodes, pairs } = size;
    const world = await ClusterWorld.open({ nodes, pairs, messages: MESSAGES, settings: { REDIS_URL: redis.url } });
    try {
      return await measure(size, world, redis, progress);
    } finally {
      await world.close();
    }
  } finally {
    await redis.stop();
  }
}

async function measure(
  { pairs, idleMs, talkMs }: UnitCostsSize,
  world: ClusterWorld,
  redis: TestRedis,
  progress: (done: string) => void,
): Promise<UnitCosts> {
  const during = async (work: () => Promise<unknown>): Promise<Used> => {
    const before = await usedBy(world, redis);
    await work();
    return between(before, await usedBy(world, redis));
  };
  progress("a machine that idles");
  await join(world, 0, FEW);
  await wait(SETTLE_MS);
  const idle = await during(() => wait(idleMs));
  progress("joins");
  const joined = await during(() => join(world, FEW, pairs));
  const joins = pairs - FEW;
  progress("a few messages at once");
  const talking = async (many: number, thinkMs?: number) => {
    const talkers = await Talkers.start(world, 0, many, thinkMs);
    await wait(SETTLE_MS);
    await talkers.figures();
    let sends = 0;
    const used = await during(async () => {
      await wait(talkMs);
      sends = (await talkers.figures()).answers.count;
    });
    await talkers.stop();
    return { used, sends };
  };
  const few = await talking(FEW);
  progress("as many messages as are answered");
  const many = await talking(MANY, 0);
  const beyondIdling = (what: "commands" | "redisSeconds", used: Used) => used[what] - (idle[what] / idle.at) * used.at;
  const commands = (used: Used) => beyondIdling("commands", used);
  const redisSeconds = beyondIdling("redisSeconds", joined) + beyondIdling("redisSeconds", few.used);
  const asked = commands(joined) + commands(few.used);
  return {
    joins,
    redisCommandsAJoin: commands(joined) / joins,
    redisCommandsASend: commands(few.used) / few.sends,
    redisCommandUs: (redisSeconds / asked) * 1e6,
    redisRoomBytes: joined.redisBytes / joins,
    sendWalBytes: few.used.walBytes / few.sends,
    gatheredSendWalBytes: many.used.walBytes / many.sends,
    messageDiskBytes: many.used.diskBytes / many.sends,
    gatheredSendPostgresCpuMs: (many.used.postgresSeconds / many.sends) * 1000,
    sends: few.sends,
    gatheredSends: many.sends,
  };
}

async function join(world: ClusterWorld, from: number, to: number): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < to) {
      const pair = next++;
      // By the balancer, as phones come: to any node.
      await new LeanPhone({ port: world.port, token: world.tokenOf(pair, 0), deviceId: "phone" }).come();
    }
  };
  await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker));
}

/** What is written for every message: partitions, indexes and all. */
const DISK = `
select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as "walBytes",
  (select sum(pg_total_relation_size(c.oid))::float8 from pg_class c
   where c.relkind in ('r', 'p') and (c.relname ~ '^(messages|journal|watermarks|push_due)')) as "diskBytes"`;

async function usedBy(world: ClusterWorld, redis: TestRedis): Promise<Used> {
  const { rows } = await world.pool.query<{ walBytes: number; diskBytes: number }>(DISK);
  const info = await redis.cli("info", "everything");
  return {
    at: performance.now(),
    commands: numberIn(info, "total_commands_processed"),
    redisSeconds: numberIn(info, "used_cpu_sys") + numberIn(info, "used_cpu_user"),
    redisBytes: numberIn(info, "used_memory"),
    walBytes: rows[0]?.walBytes ?? Number.NaN,
    diskBytes: rows[0]?.diskBytes ?? Number.NaN,
    postgresSeconds: world.cpu().postgres,
  };
}

const numberIn = (info: string, name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1]);

const between = (before: Used, after: Used): Used => ({
  at: after.at - before.at,
  commands: after.commands - before.commands,
  redisSeconds: after.redisSeconds - before.redisSeconds,
  redisBytes: after.redisBytes - before.redisBytes,
  walBytes: after.walBytes - before.walBytes,
  diskBytes: after.diskBytes - before.diskBytes,
  postgresSeconds: after.postgresSeconds - before.postgresSeconds,
});

if (import.meta.main) {
  const { json } = commandLine("node bench/unit-costs.ts [--json]", () =>
    parseArgs({ options: { json: { type: "boolean" } } }),
  ).values;
  const costs = await measureUnitCosts(USUAL, (done) => console.error(`… ${done}`));
  if (json) console.log(JSON.stringify(costs));
  else console.table(costs);
}

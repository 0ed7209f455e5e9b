/** What one message costs that is written alone, or with a few: `node bench/lone.ts [--json]`. */
import { parseArgs } from "node:util";
import pg from "pg";
import { type RoomEvent, type RoomFact, roomCommand, roomRules } from "../domain/room/rules.ts";
import { Committer } from "../rooms/durable/committer.ts";
import { DurableRoom } from "../rooms/durable/durable-room.ts";
import type { PairHistory } from "../rooms/pair-history.ts";
import { appendManyQuery } from "../server/adapters/database/append.ts";
import { databaseClaims } from "../server/adapters/database/claims.ts";
import { databaseJournal } from "../server/adapters/database/journal.ts";
import { listened } from "../server/adapters/database/pool.ts";
import { chance } from "../server/chance.ts";
import { commandLine } from "../server/command-line.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../tests/support/postgres.ts";
import { ada, bea, pair } from "../tests/support/twins.ts";
import { cpuSecondsOf } from "./cluster-cpu.ts";
import { figuresOf, median } from "./figures.ts";
import { type WalPart, walBetween, walParts } from "./lone-wal.ts";

const TEXT = "Were you thinking of me just now, or was it the coffee?";
const DUE_MS = 15_000;

/** What is compared: the bare INSERT of somebody who promises nothing, and both shapes of our append. */
export type Shape = "reference" | "function" | "statement for many";

export interface LoneSize {
  readonly pairs: number;
  /** Of each shape, in each round. */
  readonly messages: number;
  readonly rounds: number;
  /** How many are written together, each a size of its own. */
  readonly together: readonly number[];
}

/** Of one message, but for the times, which are of a commit. */
export interface LoneFigures {
  readonly shape: Shape;
  readonly together: number;
  readonly commitP50Ms: number;
  readonly commitP99Ms: number;
  readonly postgresCpuMs: number;
  readonly nodeCpuMs: number;
  readonly walBytes: number;
}

export interface LoneSends {
  readonly figures: readonly LoneFigures[];
  /** What a message of ours writes, and where to, its index of words put in order included. */
  readonly walParts: readonly WalPart[];
}

export const USUAL: LoneSize = { pairs: 64, messages: 1000, rounds: 5, together: [1, 2, 4, 8, 16] };

/** All shapes in turn, one connection, one machine: ratios are to be trusted. Medians of the rounds. */
export async function measureLoneSends(size: LoneSize, progress: (done: string) => void): Promise<LoneSends> {
  const database = await temporaryDatabase();
  // The one connection that commits, whose process is watched.
  const commits = listened(new pg.Pool({ connectionString: database.url, max: 1 }), () => undefined);
  try {
    const writers = await writersIn(database, commits, size.pairs);
    const rounds: LoneFigures[] = [];
    for (let round = 0; round <= size.rounds; round++) {
      const measured: LoneFigures[] = [];
      for (const together of size.together)
        for (const writer of writers)
          if (together === 1 || writer.shape !== "reference")
            measured.push(await roundOf(writer, { commits, together, messages: size.messages }));
      // The first warms up.
      if (round > 0) rounds.push(...measured);
      progress(`round ${round} of ${size.rounds}`);
    }
    const ours = writers.find(({ shape }) => shape === "function");
    const parts = ours ? await walParts(database.pool, size.messages, (n) => ours.write(n)) : [];
    return { figures: middles(rounds), walParts: parts };
  } finally {
    await commits.end();
    await database.close();
  }
}

interface Writer {
  readonly shape: Shape;
  /** The nth message, which goes to the nth of the pairs, in turn. */
  write(n: number): Promise<unknown>;
}

async function roundOf(
  { shape, write }: Writer,
  { commits, together, messages }: { commits: pg.Pool; together: number; messages: number },
): Promise<LoneFigures> {
  const { rows } = await commits.query<{ pid: number }>("select pg_backend_pid() as pid");
  const used = () => ({ postgres: cpuSecondsOf(rows[0]?.pid), node: process.cpuUsage() });
  const [begun, before, times] = [await walBetween(commits), used(), [] as number[]];
  for (let n = 0; n < messages; n += together) {
    const started = performance.now();
    await Promise.all(Array.from({ length: together }, (_, m) => write(n + m)));
    times.push(performance.now() - started);
  }
  const after = used();
  const node = process.cpuUsage(before.node);
  const { p50, p99 } = figuresOf(times, 1);
  return {
    ...{ shape, together, commitP50Ms: p50, commitP99Ms: p99 },
    postgresCpuMs: ((after.postgres - before.postgres) * 1000) / messages,
    nodeCpuMs: (node.user + node.system) / 1000 / messages,
    walBytes: (await walBetween(commits, begun)) / messages,
  };
}

async function writersIn(database: TemporaryDatabase, commits: pg.Pool, pairs: number): Promise<Writer[]> {
  const { pool } = database;
  await pool.query(REFERENCE);
  const insert = (n: number) =>
    commits.query("insert into reference values ($1, $2, $3, $4, $5)", [
      ...[chance.newId(Date.now()), pair(n % pairs), ada, TEXT, new Date()],
    ]);
  const say = (rooms: readonly PairHistory[]) => async (n: number) => {
    const payload = { key: chance.newId(Date.now()), text: TEXT };
    await rooms[n % pairs]?.execute(roomCommand({ userId: ada, pairId: pair(0) }, "chat.send", payload, null));
  };
  const numbers = Array.from({ length: pairs }, (_, n) => n);
  const alone = databaseJournal(pool, commits);
  const many = databaseJournal(pool, commits, appendManyQuery);
  return [
    { shape: "reference", write: insert },
    { shape: "function", write: say(await roomsOf(database, alone, numbers)) },
    {
      shape: "statement for many",
      write: say(
        await roomsOf(
          database,
          many,
          numbers.map((n) => pairs + n),
        ),
      ),
    },
  ];
}

/** What the reference of bench/reference/server.ts writes to. */
const REFERENCE = `
create table reference (id uuid primary key, pair_id uuid not null, sender_id uuid not null, text text not null,
  sent_at timestamptz not null);
create index on reference (pair_id, sent_at)`;

async function roomsOf(
  { pool }: TemporaryDatabase,
  journal: ReturnType<typeof databaseJournal>,
  numbers: readonly number[],
): Promise<PairHistory[]> {
  const rules = roomRules({ now: Date.now, ...chance, seal: (text) => text, open: (sealed) => sealed });
  const committer = new Committer<RoomEvent, RoomFact>({ journal, report: console.error });
  const claims = databaseClaims(pool);
  const open = async (n: number) => {
    const pairId = pair(n);
    await pool.query("insert into pair_rooms (pair_id) values ($1)", [pairId]);
    const epoch = await claims.claim(pairId, 0, "bench");
    if (epoch === undefined) throw new Error("Nobody else claims pairs here");
    const due = ({ at }: RoomEvent) => ({ to: bea, at: at + DUE_MS });
    const deaf = { announce: () => undefined, superseded: () => undefined };
    return DurableRoom.open({ pairId, epoch, rules, journal, committer, due, ...deaf });
  };
  return Promise.all(numbers.map(open));
}

function middles(rounds: readonly LoneFigures[]): LoneFigures[] {
  const kinds = Map.groupBy(rounds, ({ shape, together }) => `${shape} ${together}`);
  return [...kinds.values()].flatMap((same) => {
    const [first] = same;
    const of = (figure: Exclude<keyof LoneFigures, "shape">) => median(same.map((one) => one[figure]));
    return first
      ? {
          ...{ shape: first.shape, together: first.together },
          ...{ commitP50Ms: of("commitP50Ms"), commitP99Ms: of("commitP99Ms") },
          ...{ postgresCpuMs: of("postgresCpuMs"), nodeCpuMs: of("nodeCpuMs"), walBytes: of("walBytes") },
        }
      : [];
  });
}

if (import.meta.main) {
  const { json, quick } = commandLine("node bench/lone.ts [--quick] [--json]", () =>
    parseArgs({ options: { json: { type: "boolean" }, quick: { type: "boolean" } } }),
  ).values;
  const size = quick ? { ...USUAL, rounds: 1, messages: 200 } : USUAL;
  const measured = await measureLoneSends(size, (done) => console.error(`… ${done}`));
  if (json) console.log(JSON.stringify(measured));
  else for (const table of [measured.figures, measured.walParts]) console.table(table);
}

/**
 * History and search, in pairs of several sizes within one table: `node bench/history.ts [--large] [--json]`. The default
 * takes a minute or two; `--large` (a pair of 1,000,000 in a table of 10,000,000) half an hour and 12 GB of disk.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Pool } from "pg";
import { historyReader } from "../domain/history.ts";
import { pairHistory } from "../domain/pair-history.ts";
import type { Twin } from "../domain/ports.ts";
import { PairId } from "../schema/wire/ids.ts";
import { databaseArchive } from "../server/adapters/database/archive.ts";
import { startEmbedded } from "../server/adapters/database/embedded.ts";
import { databaseJournal } from "../server/adapters/database/journal.ts";
import { openDatabase } from "../server/adapters/database/open.ts";
import { databasePeople } from "../server/adapters/database/people.ts";
import { openPool } from "../server/adapters/database/pool.ts";
import { commandLine } from "../server/command-line.ts";
import { figuresOf } from "./figures.ts";
import { fillHistory, type HistorySize, pairIdOf } from "./history-fill.ts";
import { WORDS } from "./history-texts.ts";
import { userId } from "./world.ts";

export const SIZES = {
  usual: { measured: [10_000, 100_000], table: 1_000_000, months: 14 },
  large: { measured: [10_000, 100_000, 1_000_000], table: 10_000_000, months: 24 },
} as const satisfies Readonly<Record<string, HistorySize>>;

const CALLS = 300;

/** However slow an answer is: fewer calls then, but some. */
const PATIENCE_MS = 2000;
const FEWEST_CALLS = 20;

/** Enough for plans and caches to be as they stay. */
const WARM_CALLS = 5;

const LINE = "line";
const silent = { info: () => undefined, warn: () => undefined };

export interface QuestionFigures {
  readonly question: string;
  /** Messages in the pair. */
  readonly messages: number;
  readonly calls: number;
  /** How many messages, hits or changes one answer held. */
  readonly answered: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of PostgreSQL's backend, a call. */
  readonly databaseCpuMs: number;
  /** Of Node, a call. */
  readonly nodeCpuMs: number;
  readonly statements: number;
  /** Pages of 8 KiB that the statements of one call looked at, in memory or not. */
  readonly buffers: number;
}

export interface Growth {
  readonly question: string;
  /** Slope of the logarithm of PostgreSQL's and Node's CPU over that of the pair's messages: 0 is flat, 1 as they grow. */
  readonly cpuExponent: number;
  readonly buffersExponent: number;
}

export interface HistoryFigures {
  readonly size: HistorySize;
  readonly fillSeconds: number;
  readonly databaseGiB: number;
  readonly questions: readonly QuestionFigures[];
  readonly growth: readonly Growth[];
}

/** A question that phones ask, and how much is answered. */
type Question = (n: number) => Promise<number>;

export async function measureHistory(
  size: HistorySize = SIZES.usual,
  progress: (done: string) => void = () => undefined,
): Promise<HistoryFigures> {
  const folder = mkdtempSync(join(tmpdir(), "twinship-bench-"));
  // Started by root, PostgreSQL runs as somebody else, who must get in.
  chmodSync(folder, 0o755);
  // Everything is analyzed at once: nobody is to come and do it again meanwhile.
  const postgres = await startEmbedded(folder, { settings: { autovacuum: "off" } });
  try {
    const opened = await openDatabase({ url: postgres.url, migrate: "auto", connections: 6, log: silent });
    await opened.close();
    const filled = await fill(postgres.url, folder, size, progress);
    const questions = await askHistory(postgres.url, size, progress);
    return { size, ...filled, questions, growth: growthOf(questions) };
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(url: string, folder: string, size: HistorySize, progress: (done: string) => void) {
  const pool = openPool({ connectionString: url }, 2, () => undefined);
  try {
    const began = performance.now();
    await fillHistory(pool, join(folder, "copied"), size, progress);
    const fillSeconds = (performance.now() - began) / 1000;
    const { rows } = await pool.query<{ bytes: number }>("select pg_database_size(current_database()) as bytes");
    return { fillSeconds, databaseGiB: (rows[0]?.bytes ?? 0) / 1024 ** 3 };
  } finally {
    await pool.end();
  }
}

/** All on one connection, so that one backend's CPU is all there is. */
export async function askHistory(
  url: string,
  size: HistorySize,
  progress: (done: string) => void,
): Promise<QuestionFigures[]> {
  const pool = openPool({ connectionString: url }, 1, () => undefined);
  const figures: QuestionFigures[] = [];
  try {
    const meter = await Meter.on(pool);
    for (const [pair, messages] of size.measured.entries()) {
      progress(`asking the pair of ${messages.toLocaleString("en")}`);
      for (const [question, work] of Object.entries(questionsOf(meter.pool, pair, messages))) {
        figures.push({ question, messages, ...(await meter.measure(work)) });
      }
    }
    return figures;
  } finally {
    await pool.end();
  }
}

function questionsOf(pool: Pool, pair: number, messages: number): Record<string, Question> {
  const archive = databaseArchive(pool);
  const twin: Twin = { pairId: PairId.parse(pairIdOf(pair)), userId: userId(pair, 0) };
  const history = pairHistory({ archive, lookup: archive, people: databasePeople(pool), line: () => LINE });
  const journal = databaseJournal(pool);
  const eyes = {
    reader: twin.userId,
    personOf: () => ({ name: "Twin", accentColor: "neon-purple" }),
    marksOfTwinOf: () => ({ deliveredSeq: 0, readSeq: 0, shownReadSeq: 0 }),
  };
  // A room knows its people: what it asks is the search alone.
  const reader = historyReader({ archive, line: () => LINE });
  const finds = (q: string): Question => {
    return async () => (await reader.search(twin.pairId, eyes, { q, limit: 50 })).hits.length;
  };
  const page = async (query: { beforeSeq?: number; aroundSeq?: number; afterSeq?: number }) =>
    (await history.page(twin, { limit: 50, ...query })).messages.length;
  return {
    "newest 50": () => page({}),
    "50 in the middle": (n) => page({ aroundSeq: Math.floor(messages / 2) + n }),
    "the first 50": () => page({ afterSeq: 0 }),
    "the window of a join": async () => (await journal.newest(twin.pairId)).facts.length,
    "a sync from far behind": async (n) =>
      (await history.sync(twin, { afterVersion: Math.floor(messages / 10) + n, limit: 200 })).messages.length,
    "a rare word": finds(WORDS.rare),
    "a word of every second message": finds(WORDS.common),
    "… its second page": async (n) => {
      const cursor = await cursorAt(pool, twin.pairId, Math.floor(messages / 2) + n);
      return (await reader.search(twin.pairId, eyes, { q: WORDS.common, limit: 50, cursor })).hits.length;
    },
    "a word the twin always uses": finds(WORDS.twins),
    "a word everybody else uses": finds(WORDS.elsewhere),
    "a word of every hundredth message": finds(WORDS.seldom),
    "a word of a time long ago": finds(WORDS.bygone),
    "a word nobody used": finds(WORDS.never),
    "a rare word and a common one": finds(`${WORDS.rare} ${WORDS.common}`),
    "two common words": finds(`${WORDS.common} ${WORDS.twins}`),
    "two common words never said together": finds(WORDS.apart.join(" ")),
    "two common words, quoted, never side by side": finds(`"${WORDS.common} ${WORDS.twins}"`),
  };
}

async function cursorAt(pool: Pool, pairId: PairId, seq: number): Promise<string> {
  const at = "select subject_id as id from journal where pair_id = $1 and seq = $2";
  const { rows } = await pool.query<{ id: string }>(at, [pairId, seq]);
  return rows[0]?.id ?? "";
}

/** Time, CPU and pages of what is asked over one connection. */
class Meter {
  /** What questions ask. */
  readonly pool: Pool;
  readonly #backend: number;
  #explained: { statements: number; buffers: number } | undefined;

  private constructor(pool: Pool, backend: number) {
    this.#backend = backend;
    this.pool = Object.create(pool, {
      query: {
        value: async (sql: string, values: unknown[]) => {
          const told = this.#explained;
          if (told) {
            const { rows } = await pool.query(`explain (analyze, buffers, timing off, format json) ${sql}`, values);
            told.statements++;
            told.buffers += buffersOf(rows[0]?.["QUERY PLAN"]?.[0]?.Plan ?? {});
          }
          return pool.query(sql, values);
        },
      },
    });
  }

  static async on(pool: Pool): Promise<Meter> {
    const { rows } = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
    return new Meter(pool, rows[0]?.pid ?? 0);
  }

  async measure(question: Question): Promise<Omit<QuestionFigures, "question" | "messages">> {
    for (let n = 0; n < WARM_CALLS; n++) await question(n);
    this.#explained = { statements: 0, buffers: 0 };
    const answered = await question(0);
    const { statements, buffers } = this.#explained;
    this.#explained = undefined;
    const times: number[] = [];
    const before = { node: process.cpuUsage(), database: this.#databaseCpuMs() };
    const until = performance.now() + PATIENCE_MS;
    for (let n = 0; n < CALLS && (n < FEWEST_CALLS || performance.now() < until); n++) {
      const began = performance.now();
      await question(n);
      times.push(performance.now() - began);
    }
    const { user, system } = process.cpuUsage(before.node);
    const { p50, p99 } = figuresOf(times, 1);
    const databaseCpuMs = (this.#databaseCpuMs() - before.database) / times.length;
    return {
      calls: times.length,
      answered,
      p50Ms: p50,
      p99Ms: p99,
      databaseCpuMs,
      nodeCpuMs: (user + system) / 1000 / times.length,
      statements,
      buffers,
    };
  }

  /** Of the backend, since it began. */
  #databaseCpuMs(): number {
    return Number(readFileSync(`/proc/${this.#backend}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  }
}

const buffersOf = (plan: Readonly<Record<string, unknown>>): number =>
  Number(plan["Shared Hit Blocks"] ?? 0) + Number(plan["Shared Read Blocks"] ?? 0);

function growthOf(figures: readonly QuestionFigures[]): Growth[] {
  const questions = [...new Set(figures.map(({ question }) => question))];
  return questions.map((question) => {
    const all = figures.filter((one) => one.question === question);
    const cpu = all.map(({ messages, databaseCpuMs, nodeCpuMs }) => [messages, databaseCpuMs + nodeCpuMs] as const);
    const buffers = all.map(({ messages, buffers }) => [messages, buffers] as const);
    return { question, cpuExponent: slopeOf(cpu), buffersExponent: slopeOf(buffers) };
  });
}

/** Least squares through the logarithms. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (of: 0 | 1) => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const above = logs.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const below = logs.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return above / below;
}

export function historyTable({ size, fillSeconds, databaseGiB, questions, growth }: HistoryFigures): string {
  const say = (count: number) => count.toLocaleString("en");
  const asked = questions.map((one) => {
    const times = [one.p50Ms, one.p99Ms, one.databaseCpuMs, one.nodeCpuMs].map((ms) => ms.toFixed(2));
    return `| ${[one.question, say(one.messages), one.answered, ...times, one.statements, say(one.buffers)].join(" | ")} |`;
  });
  const grown = growth.map(
    ({ question, cpuExponent, buffersExponent }) =>
      `| ${question} | ${cpuExponent.toFixed(2)} | ${buffersExponent.toFixed(2)} |`,
  );
  return [
    `${say(size.table)} messages over ${size.months} months, ${databaseGiB.toFixed(1)} GiB, filled in ${fillSeconds.toFixed(0)} s`,
    "\n| question | messages in the pair | answered | p50 ms | p99 ms | PostgreSQL CPU ms | Node CPU ms | statements | pages |",
    `|---|---|---|---|---|---|---|---|---|\n${asked.join("\n")}`,
    `\n| question | exponent of CPU | of pages |\n|---|---|---|\n${grown.join("\n")}`,
  ].join("\n");
}

if (import.meta.main) {
  const { json, large } = commandLine("node bench/history.ts [--large] [--json]", () =>
    parseArgs({ options: { json: { type: "boolean" }, large: { type: "boolean" } } }),
  ).values;
  const size = large ? SIZES.large : SIZES.usual;
  const figures = await measureHistory(size, (done) => console.error(`… ${done}`));
  console.log(json ? JSON.stringify(figures) : historyTable(figures));
}

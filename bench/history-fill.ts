import { mkdirSync } from "node:fs";
import { chmod, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pool } from "pg";
import { termHash } from "../server/adapters/database/message-rows.ts";
import { numbers, senderOf, wordsOfOthers, wordsSaid } from "./history-texts.ts";
import { populate, userId } from "./world.ts";

export interface HistorySize {
  /** Messages of each measured pair: one a size. */
  readonly measured: readonly number[];
  /** Of all pairs together. */
  readonly table: number;
  /** Over which they are spread evenly. */
  readonly months: number;
}

/** What pairs that are not measured have said. */
const MESSAGES_OF_OTHERS = 1000;
const ROWS_AT_ONCE = 25_000;
const MONTH_MS = (365.25 / 12) * 24 * 3_600_000;

interface Speaker {
  readonly pair: number;
  readonly pairId: string;
  readonly twins: readonly [string, string];
  readonly messages: number;
  readonly isMeasured: boolean;
  seq: number;
  lastId: string | null;
}

export const pairIdOf = (pair: number): string => `00000003-0000-7000-8000-${String(pair).padStart(12, "0")}`;

/**
 * Pairs with a past as their rooms would have written it, all of them talking at the same time, so that nobody's messages
 * lie side by side. Measured pairs are numbered first, in the order of their sizes. `folder` must be readable to
 * PostgreSQL, which runs on this machine; the role must be its superuser.
 */
export async function fillHistory(
  pool: Pool,
  folder: string,
  size: HistorySize,
  progress: (done: string) => void,
): Promise<void> {
  const speakers = speakersOf(size);
  await populate({ pool }, speakers.length);
  await pool.query("select make_message_months((now() - $1::int * interval '1 month')::date, $1::int)", [
    size.months + 1,
  ]);
  const indexes = await dropIndexes(pool);
  await copyAll(pool, folder, size, speakers, progress);
  await setHeads(pool, speakers);
  progress("making indexes");
  await inOneGo(pool, ["set maintenance_work_mem = '512MB'", ...indexes, "analyze"]);
}

function speakersOf({ measured, table }: HistorySize): Speaker[] {
  const left = table - measured.reduce((all, one) => all + one, 0);
  const others = Math.ceil(left / MESSAGES_OF_OTHERS);
  const speaker = (pair: number, messages: number, isMeasured: boolean): Speaker => {
    const twins = [userId(pair, 0), userId(pair, 1)] as const;
    return { pair, pairId: pairIdOf(pair), twins, messages, isMeasured, seq: 0, lastId: null };
  };
  return [
    ...measured.map((messages, pair) => speaker(pair, messages, true)),
    ...Array.from({ length: others }, (_, n) => speaker(measured.length + n, Math.ceil(left / others), false)),
  ];
}

/** Indexes are made in a fraction of the time when all rows are there. Answers with what makes them again. */
async function dropIndexes(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ drop: string; make: string }>(DROPPABLE);
  for (const { drop } of rows) await pool.query(drop);
  return rows.map(({ make }) => make.replace(" ON ONLY ", " ON "));
}

/** All of the journal's, and the one of the words. */
const DROPPABLE = `
select 'alter table journal drop constraint ' || conname as drop,
  'alter table journal add constraint ' || conname || ' ' || pg_get_constraintdef(oid) as make
from pg_constraint where conrelid = 'journal'::regclass and contype in ('p', 'u')
union all
select 'drop index ' || name, pg_get_indexdef(name::regclass) from (values ('journal_seq'), ('messages_terms')) as i(name)`;

async function inOneGo(pool: Pool, statements: readonly string[]): Promise<void> {
  const client = await pool.connect();
  try {
    for (const statement of statements) await client.query(statement);
    await client.query("reset all");
  } finally {
    client.release();
  }
}

async function copyAll(
  pool: Pool,
  folder: string,
  { table, months }: HistorySize,
  speakers: readonly Speaker[],
  progress: (done: string) => void,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const turns = new Turns(speakers, table);
  const said = new Said();
  const end = Date.now() - 60_000;
  const step = (months * MONTH_MS) / table;
  let copying: Promise<void> = Promise.resolve();
  for (let n = 0; n < table; n += ROWS_AT_ONCE) {
    const upTo = Math.min(table, n + ROWS_AT_ONCE);
    const messages: string[] = [];
    const journal: string[] = [];
    for (let k = n; k < upTo; k++)
      said.add(turns.speakerOf(k), k, Math.floor(end - (table - k) * step), messages, journal);
    const files = [join(folder, `messages-${n}`), join(folder, `journal-${n}`)] as const;
    await Promise.all([writeFile(files[0], messages.join("")), writeFile(files[1], journal.join(""))]);
    await Promise.all(files.map((file) => chmod(file, 0o644)));
    await copying;
    copying = copy(pool, files);
    if (upTo % (10 * ROWS_AT_ONCE) === 0) progress(`${upTo.toLocaleString("en")} messages written`);
  }
  await copying;
}

async function copy(pool: Pool, [messages, journal]: readonly [string, string]): Promise<void> {
  await pool.query(
    `copy messages (pair_id, id, seq, version, sender_id, key, type, text, salt, terms, sent_at) from '${messages}'`,
  );
  await pool.query(
    `copy journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, hash, at) from '${journal}'`,
  );
  await Promise.all([unlink(messages), unlink(journal)]);
}

/** Whose turn it is: measured pairs as often as their share, the others in between, one after the other. */
class Turns {
  readonly #measured: readonly Speaker[];
  readonly #others: readonly Speaker[];
  readonly #table: number;
  #other = 0;

  constructor(speakers: readonly Speaker[], table: number) {
    this.#measured = speakers.filter(({ isMeasured }) => isMeasured);
    this.#others = speakers.filter(({ isMeasured }) => !isMeasured);
    this.#table = table;
  }

  speakerOf(n: number): Speaker {
    const due = (speaker: Speaker) => ((n + 1) * speaker.messages) / this.#table - speaker.seq;
    const next = this.#measured.reduce((most, one) => (due(one) > due(most) ? one : most));
    if (due(next) >= 1 || this.#others.length === 0) return next;
    const other = this.#others[this.#other++ % this.#others.length];
    return other ?? next;
  }
}

/** Rows in the text form of COPY. Ten million of them are made, so each takes a few microseconds and no more. */
class Said {
  readonly #next = numbers(24);
  readonly #hashes = new Map<string, string>();
  readonly #lines = linesOfOthers(this.#next);
  readonly #hex = Array.from({ length: 1 << 12 }, () => hexOf(this.#next, 4));

  add(speaker: Speaker, n: number, at: number, messages: string[], journal: string[]): void {
    const seq = ++speaker.seq;
    const { pairId, pair, isMeasured } = speaker;
    const { text, terms } = isMeasured ? this.#measured(speaker, seq) : this.#other(pair, seq);
    const id = idOf(at, n);
    const sender = speaker.twins[senderOf(seq)];
    const time = new Date(at).toISOString();
    const salt = this.#hex[this.#next() >>> 20] ?? "";
    const key = `${salt.slice(0, 16)}-${n}`;
    messages.push(`${pairId}\t${id}\t${seq}\t${seq}\t${sender}\t${key}\ttext\t${text}\t${salt}\t{${terms}}\t${time}\n`);
    journal.push(
      `${pairId}\t${seq}\t${seq}\t${seq}\tchat.message_sent\t${id}\t${sender}\t${key}\t\\\\x${salt}${salt}\t${time}\n`,
    );
    speaker.lastId = id;
  }

  #measured({ pairId, messages }: Speaker, seq: number) {
    const words = wordsSaid(seq, messages, this.#next);
    return { text: words.join(" "), terms: [...new Set(words)].map((word) => this.#hashOf(pairId, word)).join() };
  }

  /** Nobody looks for words of the other pairs: numbers that are spread as widely and are each pair's own do. */
  #other(pair: number, seq: number) {
    const lines = seq % 2 === 0 ? this.#lines.even : this.#lines.odd;
    const { text, words } = lines[this.#next() >>> 20] ?? { text: "", words: [] };
    let terms = "";
    for (const word of words) terms += `${terms === "" ? "" : ","}${pair + 1}${word}`;
    return { text, terms };
  }

  #hashOf(pairId: string, word: string): string {
    const name = `${pairId}/${word}`;
    const known = this.#hashes.get(name);
    if (known !== undefined) return known;
    const hash = termHash(pairId, word);
    this.#hashes.set(name, hash);
    return hash;
  }
}

interface Line {
  readonly text: string;
  /** Each word's number, of always the same length. */
  readonly words: readonly string[];
}

function linesOfOthers(next: () => number): { readonly even: readonly Line[]; readonly odd: readonly Line[] } {
  const line = (seq: number): Line => {
    const words = wordsOfOthers(seq, next);
    const digits = (word: string) => (BigInt(termHash("", word)) & 0xfffffffffn).toString().padStart(12, "0");
    return { text: words.join(" "), words: [...new Set(words)].map(digits) };
  };
  const lines = (seq: number) => Array.from({ length: 1 << 12 }, () => line(seq));
  return { even: lines(0), odd: lines(1) };
}

function hexOf(next: () => number, words: number): string {
  let hex = "";
  for (let n = 0; n < words; n++) hex += next().toString(16).padStart(8, "0");
  return hex;
}

function idOf(at: number, n: number): string {
  const hex = at.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`;
}

async function setHeads(pool: Pool, speakers: readonly Speaker[]): Promise<void> {
  const spoke = speakers.filter(({ lastId }) => lastId !== null);
  await pool.query(
    `update pair_rooms r set revision = s.seq, version = s.seq, last_seq = s.seq, last_id = s.id
    from unnest($1::uuid[], $2::bigint[], $3::uuid[]) as s(pair_id, seq, id) where r.pair_id = s.pair_id`,
    [spoke.map(({ pairId }) => pairId), spoke.map(({ seq }) => seq), spoke.map(({ lastId }) => lastId)],
  );
}

import assert from "node:assert/strict";
import { historyReader } from "../../domain/history.ts";
import { MessageId, type PairId, UserId } from "../../schema/wire/ids.ts";
import { databaseArchive } from "../../server/adapters/database/archive.ts";
import { termHash } from "../../server/adapters/database/message-rows.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { ada, pair } from "../support/twins.ts";

/** More than are looked through as they lie, over five months. */
const MESSAGES = 1500;
const TRIMMED = 100;

const LAST = MessageId.parse("ffffffff-ffff-7fff-bfff-ffffffffffff");

/** Each message names its number, and what it divides by. */
const wordsAt = (seq: number): string[] => [
  `n${seq}`,
  "every",
  ...(seq % 2 === 0 ? ["second"] : []),
  ...(seq % 37 === 0 ? ["seldom"] : []),
  ...(seq < 400 ? ["early"] : []),
];

const eyes = {
  reader: UserId.parse(ada),
  personOf: () => ({ name: "Ada", accentColor: "neon-pink" }),
  marksOfTwinOf: () => ({ deliveredSeq: 0, readSeq: 0, shownReadSeq: 0 }),
};

describe("words in a long history", function () {
  this.timeout(60_000);
  let opened: TemporaryDatabase;
  const pairId = pair(1);
  /** All of it within a month. */
  const quick = pair(2);

  before(async () => {
    opened = await temporaryDatabase();
    const { pool } = opened;
    await pool.query("select make_message_months((now() - interval '5 months')::date, 5)");
    await say(pairId, "now() - interval '5 months'", "5 months");
    await say(quick, "date_trunc('month', now()) - interval '9 days'", "1 hour");
  });
  after(() => opened?.close());

  async function say(of: PairId, from: string, during: string): Promise<void> {
    const all = Array.from({ length: MESSAGES }, (_, n) => n + 1);
    const terms = all.map((seq) => `{${wordsAt(seq).map((word) => termHash(of, word))}}`);
    await opened.pool.query(
      `with said as (
         select *, ${from} + seq * (interval '${during}' / $2::int) as at
         from unnest($3::bigint[], $4::text[], $5::text[]) as s(seq, text, terms)
       ), numbered as (
         select *, (substr(uuidv7_from(at)::text, 1, 14) || '7000-8000-' || lpad(seq::text, 12, '0'))::uuid as id from said
       ), written as (
         insert into messages (pair_id, id, seq, version, sender_id, key, type, text, terms, sent_at)
         select $1, id, seq, seq, $6, seq::text, 'text', text, terms::bigint[], at from numbered
       ), room as (
         insert into pair_rooms (pair_id, revision, version, last_seq) values ($1, $2, $2, $2)
       )
       insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, at)
       select $1, seq, seq, seq, 'chat.message_sent', id, $6, seq::text, at from numbered`,
      [of, MESSAGES, all, all.map((seq) => wordsAt(seq).join(" ")), terms, ada],
    );
  }

  const reader = () => historyReader({ archive: databaseArchive(opened.pool), line: () => "line" });

  /** What is found on all pages, one after the other. */
  async function found(q: string, limit: number, of = pairId): Promise<number[]> {
    const seqs: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await reader().search(of, eyes, { q, limit, ...(cursor === undefined ? {} : { cursor }) });
      seqs.push(...page.hits.map(({ message }) => message.seq));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return seqs;
  }

  const expected = (words: readonly string[]) =>
    Array.from({ length: MESSAGES }, (_, n) => MESSAGES - n).filter((seq) =>
      new Set(words).isSubsetOf(new Set(wordsAt(seq))),
    );

  for (const q of [
    "every",
    "second",
    "seldom",
    "early",
    "n1",
    `n${MESSAGES}`,
    "early seldom",
    "second n700",
    "nobody",
  ]) {
    it(`[HS1] "${q}" is found on pages of any size: each message once, the newest first`, async () => {
      for (const limit of [7, 50, 100]) assert.deepEqual(await found(q, limit), expected(q.split(" ")));
    });
  }

  it("[HS1] so is what two said within an hour", async () => {
    for (const q of ["seldom", "early", "n1"]) assert.deepEqual(await found(q, 50, quick), expected([q]));
  });

  it("[HS1] a cursor whose message is gone leads on to what is older", async () => {
    const archive = databaseArchive(opened.pool);
    const [message] = await archive.bySeq(pairId, 700, 700);
    const after = MessageId.parse(`${message?.id.slice(0, -12)}${"f".repeat(12)}`);
    const seqs = (await archive.withTerms(pairId, new Set(["every"]), after, 3)).map(({ seq }) => seq);
    assert.deepEqual(seqs, [700, 699, 698]);
  });

  it("[HS2] a page whose words never stand side by side ends early, and leads on", async () => {
    const looked: number[] = [];
    const archive = databaseArchive(opened.pool);
    const endless = {
      ...archive,
      withTerms: async (...asked: Parameters<typeof archive.withTerms>) => {
        looked.push(asked[3]);
        const candidates = await archive.withTerms(asked[0], asked[1], LAST, asked[3]);
        return Array.from({ length: asked[3] }, (_, n) => candidates[n % candidates.length]).filter((one) => !!one);
      },
    };
    const search = historyReader({ archive: endless, line: () => "line" });
    const page = await search.search(pairId, eyes, { q: '"every every"', limit: 50 });
    assert.deepEqual(page.hits, []);
    assert.ok(page.nextCursor);
    assert.ok(looked.reduce((sum, one) => sum + one) < 2500, String(looked));
  });

  it("[HS1] what was trimmed from history is not looked for", async () => {
    await opened.pool.query("update pair_rooms set first_seq = $2 where pair_id = $1", [pairId, TRIMMED + 1]);
    assert.deepEqual(
      await found("early", 100),
      expected(["early"]).filter((seq) => seq > TRIMMED),
    );
    await opened.pool.query("update pair_rooms set first_seq = 1 where pair_id = $1", [pairId]);
  });
});

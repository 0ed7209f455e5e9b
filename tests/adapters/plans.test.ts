import assert from "node:assert/strict";
import { MessageId } from "../../schema/wire/ids.ts";
import { databaseArchive } from "../../server/adapters/database/archive.ts";
import { databaseJournal } from "../../server/adapters/database/journal.ts";
import { termHash } from "../../server/adapters/database/message-rows.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { pair } from "../support/twins.ts";

const MESSAGES = 20_000;

/** What PostgreSQL would do for the statements the rooms use, on a pair with a year of history among others. */
describe("the plans", function () {
  this.timeout(60_000);
  let opened: TemporaryDatabase;
  const pairId = pair(1);

  before(async () => {
    opened = await temporaryDatabase();
    const { pool } = opened;
    await pool.query("select make_message_months((now() - interval '14 months')::date, 14)");
    // Two hundred pairs; the first one has as many messages as all the others.
    await pool.query(
      `with said as (
         select n, case when n % 2 = 0 then $1::uuid else ('00000000-0000-4000-8000-' || lpad((2000 + n % 200)::text, 12, '0'))::uuid end as pair_id,
           now() - interval '14 months' + n * (interval '14 months' / $2) as at from generate_series(1, $2) n
       ), numbered as (
         select *, row_number() over (partition by pair_id order by n) as seq,
           (substr(uuidv7_from(at)::text, 1, 14) || '7000-8000-' || lpad(n::text, 12, '0'))::uuid as id from said
       ), written as (
         insert into messages (pair_id, id, seq, version, sender_id, key, type, text, terms, sent_at)
         select pair_id, id, seq, seq, pair_id, n::text, 'text', 'everybody says word', array[$3::bigint, n], at from numbered
       ), heads as (
         insert into pair_rooms (pair_id, revision, version, last_seq)
         select pair_id, max(seq), max(seq), max(seq) from numbered group by pair_id
       )
       insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, at)
       select pair_id, seq, seq, seq, 'chat.message_sent', id, pair_id, n::text, at from numbered`,
      [pairId, 2 * MESSAGES, termHash(pairId, "word")],
    );
    await pool.query("analyze messages; analyze journal; analyze pair_rooms");
  });
  after(() => opened?.close());

  /** The plans of all statements that `work` sends. */
  async function plansOf(work: (pool: TemporaryDatabase["pool"]) => Promise<unknown>): Promise<string[]> {
    const plans: string[] = [];
    const spy: TemporaryDatabase["pool"] = Object.create(opened.pool, {
      query: {
        value: async (sql: string, values: unknown[]) => {
          const { rows } = await opened.pool.query(`explain (analyze, costs off) ${sql}`, values);
          plans.push(rows.map((row) => Object.values(row)[0]).join("\n"));
          return opened.pool.query(sql, values);
        },
      },
    });
    await work(spy);
    return plans;
  }
  const tablesIn = (plan: string) => new Set(plan.match(/messages_\d{6}/g));

  it("[JO9] the newest page reads one index entry of the journal and the months it is in", async () => {
    const [head = "", page = ""] = await plansOf((pool) => databaseJournal(pool).newest(pairId));
    assert.match(head, /Index Scan using journal_seq/);
    assert.doesNotMatch(page, /Seq Scan/);
    assert.ok(tablesIn(page).size <= 2, page);
  });

  it("[JO9] a page in the middle of a year's history touches its month, not all", async () => {
    const [ends = "", page = ""] = await plansOf((pool) => databaseArchive(pool).bySeq(pairId, 9000, 9049));
    assert.match(ends, /journal_seq/);
    assert.match(page, /Index Scan/);
    assert.ok(tablesIn(page).size <= 2, page);
  });

  it("[JO9] what changed since a version is a range of the journal's key", async () => {
    const [changes = ""] = await plansOf((pool) => databaseArchive(pool).changes(pairId, MESSAGES - 100, 600));
    assert.match(changes, /Index Scan using journal_pkey/);
    assert.match(changes, /rows=100\b/);
  });

  it("[JO9] messages by their ids touch the months those ids are in", async () => {
    const { rows } = await opened.pool.query("select id from messages where pair_id = $1 and seq = 77", [pairId]);
    const [some = ""] = await plansOf((pool) => databaseArchive(pool).byId(pairId, [rows[0].id]));
    assert.equal(tablesIn(some).size, 1, some);
  });

  it("[SR5] a word is looked up in the index, even one that every message has", async () => {
    const last = MessageId.parse("ffffffff-ffff-7fff-bfff-ffffffffffff");
    const rare = async (pool: TemporaryDatabase["pool"]) =>
      databaseArchive(pool).withTerms(pairId, new Set(["nobody"]), last, 50);
    const [none = ""] = await plansOf(rare);
    assert.match(none, /messages_\d{6}_terms_idx/);
    const started = performance.now();
    const found = await databaseArchive(opened.pool).withTerms(pairId, new Set(["word"]), last, 50);
    assert.equal(found.length, 50);
    assert.ok(performance.now() - started < 1000);
  });
});

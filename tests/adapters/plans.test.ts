import assert from "node:assert/strict";
import { MessageId } from "../../schema/wire/ids.ts";
import { databaseArchive } from "../../server/adapters/database/archive.ts";
import { databaseJournal } from "../../server/adapters/database/journal.ts";
import { termHash } from "../../server/adapters/database/message-rows.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { pair } from "../support/twins.ts";

const MESSAGES = 20_000;

/** A statement has five seconds. */
const AT_ONCE = 5000;

const SAID = `
with said as (
  select n, case when n % 2 = 0 then $1::uuid else ('00000000-0000-4000-8000-' || lpad((2000 + n % 200)::text, 12, '0'))::uuid end as pair_id,
    case when n % 2 = 0 then n / 2 else n / 200 + 1 end as seq,
    now()::date - interval '14 months' + n * (interval '14 months' / $2::int) as at
  from generate_series($5::int, $6::int) n
), numbered as (
  select *, (substr(uuidv7_from(at)::text, 1, 14) || '7000-8000-' || lpad(n::text, 12, '0'))::uuid as id from said
), written as (
  insert into messages (pair_id, id, seq, version, sender_id, key, type, text, terms, sent_at)
  select pair_id, id, seq, seq, pair_id, n::text, 'text', 'everybody says word',
    array[$3::bigint, n, case when n < $2 / 2 then $4::bigint else -n end], at from numbered
)
insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, at)
select pair_id, seq, seq, seq, 'chat.message_sent', id, pair_id, n::text, at from numbered`;

/** What PostgreSQL would do for the statements the rooms use, on a pair with a year of history among others. */
describe("the plans", function () {
  this.timeout(60_000);
  let opened: TemporaryDatabase;
  const pairId = pair(1);

  before(async () => {
    opened = await temporaryDatabase();
    const { pool } = opened;
    await pool.query("select make_message_months((now() - interval '14 months')::date, 14)");
    // A hundred pairs; the first one has as many messages as all the others, and a word that it used for half the time.
    for (let from = 1; from <= 2 * MESSAGES; from += AT_ONCE) {
      const terms = [termHash(pairId, "word"), termHash(pairId, "bygone")];
      await pool.query(SAID, [pairId, 2 * MESSAGES, ...terms, from, from + AT_ONCE - 1]);
    }
    await pool.query(`insert into pair_rooms (pair_id, revision, version, last_seq)
      select pair_id, max(seq), max(seq), max(seq) from journal group by pair_id`);
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
    assert.match(changes, /Index Scan (?:using|on) journal_pkey/);
    assert.match(changes, /rows=100\b/);
  });

  it("[JO9] messages by their ids touch the months those ids are in", async () => {
    const { rows } = await opened.pool.query("select id from messages where pair_id = $1 and seq = 77", [pairId]);
    const [some = ""] = await plansOf((pool) => databaseArchive(pool).byId(pairId, [rows[0].id]));
    assert.equal(tablesIn(some).size, 1, some);
  });

  it("[HS3] a sync from far behind reads as much of the journal as it answers", async () => {
    const [changes = ""] = await plansOf((pool) => databaseArchive(pool).changes(pairId, 100, 600));
    assert.match(changes, /journal_pkey/);
    assert.ok(Math.max(...rowsIn(changes)) <= 1000, changes);
  });

  const last = MessageId.parse("ffffffff-ffff-7fff-bfff-ffffffffffff");
  const plansOfWord = (word: string) =>
    plansOf((pool) => databaseArchive(pool).withTerms(pairId, new Set([word]), last, 50));

  it("[SR5] a word is looked up in the index of words, a month at a time", async () => {
    const [, , older = ""] = await plansOfWord("nobody");
    assert.ok(new Set(older.match(/messages_\d{6}_terms_idx/g)).size >= 13, older);
    assert.doesNotMatch(older, /messages_\d{6}_pkey/);
  });

  it("[HS1] a word that every message has is met among the newest, and looked for no further", async () => {
    const plans = await plansOfWord("word");
    assert.equal(plans.length, 2);
    assert.ok(tablesIn(plans[1] ?? "").size <= 2, plans[1]);
    assert.ok(Math.max(...rowsIn(plans[1] ?? "")) <= 512, plans[1]);
  });

  it("[HS1] a word of long ago is looked for month by month, and no further once there are enough", async () => {
    const [, , older = ""] = await plansOfWord("bygone");
    const months = older.split("\n").filter((line) => /Scan on messages_/.test(line));
    assert.equal(months.filter((line) => /rows=[1-9]/.test(line)).length, 1, older);
    assert.ok(months.filter((line) => /never executed/.test(line)).length >= 4, older);
    assert.doesNotMatch(older, /messages_\d{6}_pkey/);
  });
});

/** How many rows each step of a plan came to. */
const rowsIn = (plan: string): number[] => [...plan.matchAll(/rows=(\d+)/g)].map(([, rows]) => Number(rows));

import assert from "node:assert/strict";
import type { Message } from "../../domain/room/message.ts";
import { MessageId, type PairId } from "../../schema/wire/ids.ts";
import { appendManyQuery } from "../../server/adapters/database/append.ts";
import { databaseArchive } from "../../server/adapters/database/archive.ts";
import { databaseClaims } from "../../server/adapters/database/claims.ts";
import { databaseJournal } from "../../server/adapters/database/journal.ts";
import { databaseMarks } from "../../server/adapters/database/marks.ts";
import { journalContract, type OpenJournal } from "../contracts/journal.contract.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { ada, bea, pair } from "../support/twins.ts";

describe("PostgreSQL", () => {
  let opened: TemporaryDatabase;
  before(async () => {
    opened = await temporaryDatabase();
  });
  let others: TemporaryDatabase;
  after(async () => {
    await opened?.close();
    await others?.close();
  });

  const claim = (pairId: PairId) => claimed(opened, pairId);

  journalContract("PostgreSQL", async () => journalIn(opened));
  journalContract("PostgreSQL, by the statement for many alone", async () => {
    others = await temporaryDatabase();
    return journalIn(others, databaseJournal(others.pool, others.commits, appendManyQuery));
  });

  it("[P1] is one that flushes, and says so for every commit", async () => {
    const { rows } = await opened.pool.query(
      "select current_setting('fsync') f, current_setting('full_page_writes') w",
    );
    assert.deepEqual(rows, [{ f: "on", w: "on" }]);
    const journal = databaseJournal(opened.pool, opened.commits);
    assert.deepEqual(await journal.append([]), new Set());
  });

  it("[P4] of sixty claims of one pair at once, exactly one wins each epoch", async () => {
    const pairId = pair(900);
    await claim(pairId);
    const claims = databaseClaims(opened.pool);
    const epochs = await Promise.all(Array.from({ length: 60 }, (_, n) => claims.claim(pairId, 1, `process-${n}`)));
    assert.deepEqual(
      epochs.filter((epoch) => epoch !== undefined),
      [2],
    );
    await claims.giveBack(pairId, 1);
    assert.match((await claims.look(pairId))?.owner?.processId ?? "", /^process-/);
    await claims.giveBack(pairId, 2);
    assert.equal((await claims.look(pairId))?.owner, null);
  });

  it("[P11] stored marks never go back, whichever process raises them last", async () => {
    const marks = databaseMarks(opened.pool, databaseArchive(opened.pool));
    const mark = (userId: typeof ada, upTo: number) => ({
      pairId: pair(901),
      userId,
      deliveredSeq: upTo,
      readSeq: upTo,
      shownReadSeq: upTo,
    });
    await Promise.all([marks.raise([mark(ada, 5), mark(bea, 2)]), marks.raise([mark(bea, 9), mark(ada, 3)])]);
    const stored = await marks.marks(pair(901));
    assert.deepEqual([stored.get(ada)?.readSeq, stored.get(bea)?.readSeq], [5, 9]);
  });

  it("[JO7] a row that somebody holds keeps its own pair waiting, and nobody else's", async () => {
    const held = pair(902);
    await claim(held);
    const client = await opened.pool.connect();
    await client.query("begin");
    await client.query("select 1 from pair_rooms where pair_id = $1 for update", [held]);
    const journal = databaseJournal(opened.pool, opened.commits);
    const head = { epoch: 1, revision: 0, version: 0, lastSeq: 0, lastId: null, firstSeq: 1, isClosed: false };
    const next = { ...head, revision: 1 };
    const append = { pairId: held, expected: head, next, entries: [], facts: [], dues: [] };
    assert.deepEqual(await journal.append([append]), new Set());
    await client.query("rollback");
    client.release();
    assert.deepEqual(await journal.append([append]), new Set([held]));
  });

  it("[JO8] a month without a partition is no poison: the rows are right, and can be written once it is there", async () => {
    const pairId = pair(903);
    const epoch = await claim(pairId);
    const journal = databaseJournal(opened.pool, opened.commits);
    const id = "ffff0000-0000-7000-8000-000000000001";
    const expected = { epoch, revision: 0, version: 0, lastSeq: 0, lastId: null, firstSeq: 1, isClosed: false };
    const [at, salt] = [Date.now(), null];
    const message = { ...EMPTY, id: MessageId.parse(id), sentAt: at };
    const event = { type: "chat.message_found" as const, id: message.id, at, salt, message };
    const entries = [{ revision: 1, version: 1, seq: 1, event, ask: null }];
    const append = { pairId, expected, next: { ...expected, revision: 1 }, entries, facts: [message], dues: [] };
    await assert.rejects(journal.append([append]), (error: Error) => error.name !== "Poison");
  });
});

async function claimed({ pool }: TemporaryDatabase, pairId: PairId): Promise<number> {
  await pool.query("insert into pair_rooms (pair_id) values ($1) on conflict do nothing", [pairId]);
  const claims = databaseClaims(pool);
  const row = await claims.look(pairId);
  const epoch = await claims.claim(pairId, row?.epoch ?? 0, "test");
  assert.ok(epoch !== undefined);
  return epoch;
}

function journalIn(opened: TemporaryDatabase, journal = databaseJournal(opened.pool, opened.commits)): OpenJournal {
  const { pool } = opened;
  return {
    journal,
    claim: (pairId) => claimed(opened, pairId),
    async close(pairId) {
      await pool.query("update pair_rooms set epoch = epoch + 1, status = 'closed' where pair_id = $1", [pairId]);
    },
    async dues(pairId) {
      const due = "select revision, user_id, due_at from push_due where pair_id = $1 order by revision";
      const { rows } = await pool.query<{ revision: number; user_id: string; due_at: Date }>(due, [pairId]);
      return rows.map((row) => ({ revision: Number(row.revision), to: row.user_id, at: row.due_at.getTime() }));
    },
  };
}

const EMPTY: Message = {
  id: MessageId.parse("01900000-0000-7000-8000-000000000001"),
  seq: 1,
  version: 1,
  key: "k",
  senderId: ada,
  type: "text",
  text: "a",
  encrypted: null,
  mediaId: null,
  location: null,
  replyTo: null,
  reactions: [],
  hides: [],
  pinned: false,
  sentAt: 0,
  editedAt: null,
  deletedAt: null,
  salt: null,
};

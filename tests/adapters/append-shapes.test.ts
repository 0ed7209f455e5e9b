import assert from "node:assert/strict";
import pg from "pg";
import { isMessage, roomRules } from "../../domain/room/rules.ts";
import { type Head, Poison } from "../../rooms/durable/journal.ts";
import { MediaId, MessageId, PairId } from "../../schema/wire/ids.ts";
import { appendManyQuery } from "../../server/adapters/database/append.ts";
import { appendOneQuery } from "../../server/adapters/database/append-one.ts";
import type { AppendQuery, RoomAppend } from "../../server/adapters/database/append-values.ts";
import { databaseJournal } from "../../server/adapters/database/journal.ts";
import { listened } from "../../server/adapters/database/pool.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { Random } from "../support/random.ts";
import { ada, bea, commandOf, countingChance, pair } from "../support/twins.ts";

type Shape = (appends: readonly RoomAppend[]) => AppendQuery;

const byMany: Shape = appendManyQuery;
const byOne: Shape = (appends) => {
  const query = appendOneQuery(appends);
  assert.ok(query, "it is of another shape");
  return query;
};

const fresh: Head = { epoch: 0, revision: 0, version: 0, lastSeq: 0, lastId: null, firstSeq: 1, isClosed: false };
const rules = roomRules({ now: Date.now, ...countingChance() });

/** What a room whose head is `expected` wants written when one thing is said. */
function saying(pairId: PairId, key: string, { expected = fresh, body = { text: key } as object, isDue = false } = {}) {
  const command = commandOf(ada, "chat.send", key, body, pairId);
  const before = rules.open(expected, []);
  const [event] = rules.decide(before, command);
  const [revision, version, seq] = [expected.revision + 1, expected.version + 1, expected.lastSeq + 1];
  const entry = { revision, version, seq, event, ask: command };
  const facts = [...rules.touched(rules.evolve(before, entry), entry)].map(([, fact]) => fact);
  const next = { ...expected, revision, version, lastSeq: seq, lastId: event.id };
  const dues = isDue ? [{ revision, to: bea, at: event.at + 15_000 }] : [];
  return { pairId, expected, next, entries: [entry], facts, dues };
}

/** The same with more in its message. */
const bearing = (append: RoomAppend, more: object): RoomAppend => ({
  ...append,
  facts: append.facts.map((fact) => ({ ...fact, ...more })),
});

/** Less than an append writes of its own. */
const LEAST_WAL = 500;

async function bytesOfWal(pool: pg.Pool, end: "insert" | "flush"): Promise<number> {
  const { rows } = await pool.query<{ at: string }>(`select pg_wal_lsn_diff(pg_current_wal_${end}_lsn(), '0/0') as at`);
  return Number(rows[0]?.at);
}

/** What each pair's row, journal, messages and dues say of how much was said. */
const STANDING = `
select h.last_seq as said, h.last_id as last,
  (select count(*) from journal j where j.pair_id = h.pair_id and j.seq between 1 and h.last_seq) as journalled,
  (select count(*) from messages m where m.pair_id = h.pair_id and m.seq between 1 and h.last_seq) as sent,
  (select count(*) from push_due d where d.pair_id = h.pair_id) as due,
  (select j.subject_id from journal j where j.pair_id = h.pair_id and j.seq = h.last_seq) as newest
from pair_rooms h`;

describe("an append of one new message and the one of many", function () {
  this.timeout(30_000);
  const databases: TemporaryDatabase[] = [];
  after(() => Promise.all(databases.map((one) => one.close())));

  async function open(...pairs: PairId[]): Promise<TemporaryDatabase> {
    const opened = await temporaryDatabase();
    databases.push(opened);
    await opened.pool.query("insert into pair_rooms (pair_id) select unnest($1::uuid[])", [pairs]);
    return opened;
  }
  const journalOf = ({ pool, commits }: TemporaryDatabase, shape: Shape) => databaseJournal(pool, commits, shape);

  async function written({ pool }: TemporaryDatabase): Promise<readonly unknown[]> {
    const tables = ["pair_rooms", "journal", "messages", "push_due", "media"];
    const read = (table: string) => pool.query(`select to_jsonb(t) as row from ${table} t order by t::text`);
    return (await Promise.all(tables.map(read))).map(({ rows }) => rows);
  }

  it("[LN1] write the same rows whatever is said: one at a time, a few together, or all in one", async () => {
    const picture = MediaId.parse("01900000-0000-7000-8000-00000000000a");
    const bodies = [
      { text: "cafe\u0301 \u202eright to left \\ \" ' {},NULL (a,b)" },
      { text: "word ".repeat(300) },
      { encrypted: "  opaque, not trimmed  " },
      { encrypted: { z: 1, a: ["ü", { deep: null }] } },
      { type: "location", location: { lat: -33.86, lon: 151.21, label: 'the {old}, "pier"' } },
      { type: "emoji", text: "❤️" },
    ].map((body, n) => saying(pair(n), `key ${n}`, { body, isDue: n % 2 === 0 }));
    const grown = {
      ...{ type: "image", text: null, mediaId: picture, replyTo: MessageId.parse(picture), pinned: true, salt: null },
      ...{
        reactions: [{ userId: bea, emoji: "🙂" }],
        hides: [{ userId: ada, version: 1 }],
        editedAt: 7e11,
        deletedAt: 8e11,
      },
    };
    const all = [...bodies, bearing(saying(pair(10), "picture"), grown)];
    const pairs = all.map(({ pairId }) => PairId.parse(pairId));
    const [alone, few, many] = [await open(...pairs), await open(...pairs), await open(...pairs)];
    for (const { pool } of [alone, few, many]) {
      // Whose it is does not matter here.
      await pool.query("alter table media drop constraint media_owner_id_fkey");
      await pool.query(
        `insert into media (id, owner_id, purpose, status, content_type, bytes, stored_bytes, created_at)
         values ($1, $2, 'chat', 'ready', 'image/webp', 1, 1, '2026-01-01')`,
        [picture, ada],
      );
    }
    for (const append of all) await journalOf(alone, byOne).append([append]);
    await journalOf(few, byOne).append(all);
    await journalOf(many, byMany).append(all);

    const expected = await written(many);
    assert.deepEqual(
      expected.map((rows) => Array.isArray(rows) && rows.length),
      [7, 7, 7, 3, 1],
    );
    assert.match(JSON.stringify(expected[4]), /"sent_at":"20/, "what it bears came along");
    assert.deepEqual(await written(alone), expected);
    assert.deepEqual(await written(few), expected);
  });

  it("[LN2] are for the same appends: what is more than a new message, or for more than a few, is for the one of many", () => {
    const said = saying(pair(1), "a");
    const [entry, message] = [said.entries[0], said.facts.find(isMessage)];
    assert.ok(entry && message && appendOneQuery([said]));
    const due = { revision: 1, to: bea, at: 0 };
    const others: RoomAppend[] = [
      { ...said, entries: [] },
      { ...said, facts: [] },
      { ...said, entries: [entry, entry] },
      { ...said, facts: [message, message] },
      { ...said, dues: [due, due] },
      { ...said, entries: [{ ...entry, ask: null }] },
      { ...said, entries: [{ ...entry, seq: null }] },
      { ...said, entries: [{ ...entry, version: 7 }] },
      { ...said, entries: [{ ...entry, ask: commandOf(bea, "chat.send", "a", { text: "a" }) }] },
      bearing(said, { id: "01900000-0000-7000-8000-00000000000b" }),
      bearing(said, { sentAt: 1 }),
    ];
    for (const other of others) assert.equal(appendOneQuery([said, other]), undefined, JSON.stringify(other.entries));
    assert.equal(appendOneQuery([]), undefined);
    const crowd = (size: number) => Array.from({ length: size }, (_, n) => saying(pair(n), "a"));
    assert.ok(appendOneQuery(crowd(16)));
    assert.equal(appendOneQuery(crowd(17)), undefined);
  });

  for (const [name, shape] of [
    ["of one", byOne],
    ["of many", byMany],
  ] as const) {
    it(`[LN3] the append ${name} leaves out whose epoch, revision or key is another's, and whose row is held, and waits for nobody`, async () => {
      const [moved, behind, known, held, unknown, good] = [1, 2, 3, 4, 5, 6].map(pair);
      assert.ok(moved && behind && known && held && unknown && good);
      const database = await open(moved, behind, known, held, good);
      const { pool } = database;
      const journal = journalOf(database, shape);
      await pool.query("update pair_rooms set epoch = 1 where pair_id = $1", [moved]);
      await pool.query("update pair_rooms set revision = 1 where pair_id = $1", [behind]);
      const first = saying(known, "done before");
      await journal.append([first]);
      const again = saying(known, "done before", { expected: first.next, isDue: true });
      const bad = [saying(moved, "a"), saying(behind, "a"), again, saying(held, "a"), saying(unknown, "a")];

      const holder = await pool.connect();
      await holder.query("begin");
      await holder.query("select from pair_rooms where pair_id = $1 for no key update", [held]);
      const before = await written(database);
      for (const one of bad) assert.deepEqual(await journal.append([one]), new Set(), one.pairId);
      assert.deepEqual(await journal.append(bad), new Set());
      assert.deepEqual(await written(database), before);
      assert.deepEqual(await journal.append([...bad, saying(good, "b")]), new Set([good]));
      await holder.query("rollback");
      holder.release();
      assert.deepEqual(await journal.append([saying(held, "a")]), new Set([held]));
    });

    it(`[LN4] [JO8] the append ${name} is all or nothing: a row that cannot be written, or has no month, leaves none of its neighbours`, async () => {
      const [good, bad] = [pair(1), pair(2)];
      const database = await open(good, bad);
      const journal = journalOf(database, shape);
      const before = await written(database);
      const nul = bearing(saying(bad, "n"), { text: "a NUL \0 inside" });
      const late = saying(bad, "l");
      const id = MessageId.parse("ffff0000-0000-7000-8000-000000000001");
      const entries = late.entries.map((entry) => ({ ...entry, event: { ...entry.event, id } }));
      const never = bearing({ ...late, entries }, { id });
      for (const neighbours of [[], [saying(good, "g")]]) {
        await assert.rejects(journal.append([...neighbours, nul]), Poison);
        await assert.rejects(journal.append([...neighbours, never]), (error: Error) => !(error instanceof Poison));
      }
      assert.deepEqual(await written(database), before);
      // Plans that were made before the month was there know of it at once.
      await database.pool.query(`create table late partition of messages for values from ('${id}') to (maxvalue)`);
      assert.deepEqual(await journal.append([never]), new Set([bad]));
    });

    it(`[P1] [LN5] the append ${name} is flushed when it is answered, whatever the role's default is`, async () => {
      const database = await open(pair(1));
      const name = new URL(database.url).pathname.slice(1);
      await database.pool.query(`alter database ${name} set synchronous_commit = off`);
      // A backend looks at the defaults when it starts.
      const careless = listened(new pg.Pool({ connectionString: database.url, max: 1 }), () => undefined);
      try {
        const journal = databaseJournal(database.pool, careless, shape);
        let expected = fresh;
        for (let n = 0; n < 20; n++) {
          const begun = await bytesOfWal(careless, "insert");
          const append = saying(pair(1), `${n}`, { expected });
          await journal.append([append]);
          assert.ok((await bytesOfWal(careless, "flush")) > begun + LEAST_WAL, `append ${n}`);
          expected = append.next;
        }
      } finally {
        await careless.end();
      }
    });
  }

  it("[LN6] of rival writers in both shapes none waits for another for good, and each pair's head, journal and messages agree", async () => {
    const pairs = Array.from({ length: 6 }, (_, n) => pair(n));
    const database = await open(...pairs);
    const { pool } = database;
    const writers = Array.from({ length: 6 }, (_, n) =>
      listened(new pg.Pool({ connectionString: database.url, max: 1, application_name: `${n}` }), () => undefined),
    );
    const won = new Set<string>();
    const rival = async (commits: pg.Pool, n: number) => {
      const random = new Random(n);
      const journal = databaseJournal(pool, commits, n % 2 === 0 ? byOne : byMany);
      for (let round = 0; round < 60; round++) {
        const some = pairs.filter((_, m) => m === n || random.percent(60)).sort(() => random.below(3) - 1);
        // Some keys are the same as another's, and some heads are old by the time they are used.
        const said = await Promise.all(
          some.map(async (pairId) =>
            saying(pairId, `${round}-${random.below(3)}`, {
              expected: (await journal.newest(pairId)).head,
              isDue: true,
            }),
          ),
        );
        for (const pairId of await journal.append(said))
          won.add(`${pairId} ${said.find((one) => one.pairId === pairId)?.next.lastId}`);
      }
    };
    const nuisance = async () => {
      const random = new Random(99);
      for (let round = 0; round < 60; round++) {
        const pairId = random.pick([pair(0), pair(1), pair(2)]);
        const { rows } = await pool.query<{ epoch: number }>("select epoch from pair_rooms where pair_id = $1", [
          pairId,
        ]);
        await journalOf(database, byOne).fence(pairId, Number(rows[0]?.epoch), 0);
      }
    };
    await Promise.all([...writers.map(rival), nuisance()]);
    await Promise.all(writers.map((writer) => writer.end()));

    const { rows } = await pool.query<Record<string, unknown>>(STANDING);
    assert.equal(rows.length, pairs.length);
    for (const row of rows)
      assert.deepEqual(row, {
        ...row,
        journalled: row["said"],
        sent: row["said"],
        due: row["said"],
        last: row["newest"],
      });
    const { rows: messages } = await pool.query<{ name: string }>("select pair_id || ' ' || id as name from messages");
    assert.deepEqual(new Set(messages.map(({ name }) => name)), won);
    assert.ok(won.size > pairs.length * 20, `${won.size} got in`);
  });

  it("[LN7] nobody gets rights by the function that appends, nor is a setting of its caller's lost in it", async () => {
    const { pool } = await open();
    const { rows } = await pool.query("select prosecdef, proconfig from pg_proc where proname = 'append_one_v1'");
    assert.deepEqual(rows, [{ prosecdef: false, proconfig: null }]);
  });
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { migrations } from "../../schema/migrations/index.ts";
import { type EmbeddedPostgres, startEmbedded } from "../../server/adapters/database/embedded.ts";
import { openDatabase } from "../../server/adapters/database/open.ts";
import { refuseUnsafe } from "../../server/adapters/database/safety.ts";
import { DataFolders, one } from "../support/embedded.ts";
import { pickyPooler } from "../support/pooler.ts";
import { emptyDatabase, temporaryDatabase } from "../support/postgres.ts";
import { stopwatch } from "../support/stopwatch.ts";

const silent = { info: () => undefined, warn: () => undefined };
const MIGRATE = join(import.meta.dirname, "../../server/migrate.ts");

describe("opening a PostgreSQL", () => {
  const names = migrations.map(({ name }) => name);

  it("[DB7] applies every migration once though five processes do so at the same moment", async () => {
    const { url, drop } = await emptyDatabase();
    const env = { PATH: process.env["PATH"], DATABASE_URL: url };
    const runs = await Promise.all(
      Array.from({ length: 5 }, () => promisify(execFile)(process.execPath, [MIGRATE], { env })),
    );
    const applied = runs.flatMap(({ stdout }) =>
      stdout.split("\n").flatMap((line) => line.match(/applied (m\d+[\w-]*)/)?.[1] ?? []),
    );
    assert.deepEqual(applied.sort(), [...names].sort());
    assert.equal(await one(url, "select count(*)::int from mikro_orm_migrations"), names.length);
    await drop();
  });

  it("[DB7] leaves nothing behind of a migration that fails, and goes on once it can", async () => {
    const { url, drop } = await emptyDatabase();
    await one(url, "create table journal (in_the_way int)");
    await assert.rejects(openDatabase({ url, migrate: "auto", connections: 4, log: silent }));
    assert.equal(
      await one(url, "select count(*)::int from pg_tables where tablename in ('users', 'pair_rooms', 'messages')"),
      0,
    );
    await one(url, "drop table journal");
    await (await openDatabase({ url, migrate: "auto", connections: 4, log: silent })).close();
    assert.equal(await one(url, "select count(*)::int from mikro_orm_migrations"), names.length);
    await drop();
  });

  it("[DB8] with MIGRATE=never refuses a database that lacks some, names them, and changes nothing", async () => {
    const { url, drop } = await emptyDatabase();
    await assert.rejects(
      openDatabase({ url, migrate: "never", connections: 4, log: silent }),
      new RegExp(`lacks ${[...names, "jobs"].join(", ")}: run npm run db:migrate`),
    );
    assert.equal(await one(url, "select count(*)::int from pg_tables where schemaname = 'public'"), 0);
    await drop();
  });

  it("[DB8] runs beside newer code that has migrated the database, and says so", async () => {
    const { url, drop } = await emptyDatabase();
    await (await openDatabase({ url, migrate: "auto", connections: 4, log: silent })).close();
    await one(url, "insert into mikro_orm_migrations (name) values ('m9999-next-year')");
    const warned: object[] = [];
    const log = { ...silent, warn: (fields: object) => void warned.push(fields) };
    await (await openDatabase({ url, migrate: "auto", connections: 4, log })).close();
    assert.deepEqual(warned, [{ unknown: ["m9999-next-year"] }]);
    await drop();
  });

  it("[DB9] has a place for the messages of this month and the twelve after it", async () => {
    const opened = await temporaryDatabase();
    const months = "select count(*)::int from pg_inherits where inhparent = 'messages'::regclass";
    const last =
      "select to_regclass('messages_' || to_char(current_date + interval '12 months', 'YYYYMM')) is not null";
    assert.ok(Number(await one(opened.url, months)) >= 13);
    assert.equal(await one(opened.url, last), true);
    await opened.close();
  });

  it("[DB9] makes the months that have come into sight at the next start", async () => {
    const opened = await temporaryDatabase();
    const last = await one(opened.url, "select 'messages_' || to_char(current_date + interval '12 months', 'YYYYMM')");
    await one(opened.url, `drop table ${last}`);
    await (await openDatabase({ url: opened.url, migrate: "auto", connections: 4, log: silent })).close();
    assert.equal(await one(opened.url, `select to_regclass('${last}') is not null`), true);
    await opened.close();
  });

  it("[DB10] limits every statement to five seconds", async () => {
    const opened = await temporaryDatabase();
    assert.equal((await opened.pool.query("show statement_timeout")).rows[0].statement_timeout, "5s");
    assert.equal((await opened.commits.query("show statement_timeout")).rows[0].statement_timeout, "5s");
    await opened.close();
  });

  it("[DB10] works through a pooler that takes no settings", async () => {
    const opened = await temporaryDatabase();
    const pooler = await pickyPooler(opened.url);
    const through = await openDatabase({ url: pooler.url, migrate: "auto", connections: 4, log: silent });
    assert.equal(await through.database.transaction(async () => "done"), "done");
    assert.equal((await through.pool.query("select 1 as one")).rows[0].one, 1);
    assert.deepEqual(pooler.declined, ["statement_timeout"], "asked once, not for every connection");
    await through.close();
    await pooler.close();
    await opened.close();
  });

  it("[DB4] waits six seconds for an answer at most, and never uses a connection again that owes one", async () => {
    const opened = await temporaryDatabase();
    const pooler = await pickyPooler(opened.url);
    const through = await openDatabase({ url: pooler.url, migrate: "never", connections: 4, log: silent });
    const ask = () => through.database.read((em) => em.getConnection().execute("select 1 as one"));
    await ask();
    pooler.freeze();
    const took = stopwatch();
    await assert.rejects(ask(), { code: "UNAVAILABLE" });
    assert.ok(took() < 7000);
    pooler.thaw();
    assert.deepEqual(await ask(), [{ one: 1 }]);
    await through.close();
    await pooler.close();
    await opened.close();
  });

  it("[DB10] holds no more connections than DB_MAX_CONNECTIONS, however many ask", async () => {
    const opened = await temporaryDatabase(6);
    const asking = Array.from({ length: 30 }, () => [
      opened.pool.query("select pg_sleep(0.02)"),
      opened.commits.query("select pg_sleep(0.02)"),
      opened.database.transaction(async () => undefined),
    ]);
    await Promise.all(asking.flat());
    assert.ok(
      Number(
        await one(opened.url, "select count(*)::int - 1 from pg_stat_activity where datname = current_database()"),
      ) <= 6,
    );
    await opened.close();
  });

  it("reads counters as numbers", async () => {
    const opened = await temporaryDatabase();
    assert.equal(
      (await opened.pool.query("select 9007199254740991::bigint as most")).rows[0].most,
      Number.MAX_SAFE_INTEGER,
    );
    await opened.close();
  });
});

describe("[P1] a PostgreSQL that would not keep its word", () => {
  const folders = new DataFolders();
  let careless: EmbeddedPostgres;
  before(async () => {
    careless = await startEmbedded(folders.make(), { settings: { fsync: "off", full_page_writes: "off" } });
  });
  after(async () => {
    await careless.stop();
    folders.remove();
  });

  const problemsOf = async (url: string) => {
    try {
      const opened = await openDatabase({ url, migrate: "auto", connections: 4, log: silent });
      await opened.close();
      return [];
    } catch (error) {
      return error instanceof Error ? error.message.split("\n").slice(1) : [];
    }
  };

  it("is refused with everything that stands against it, each in a line that says what to do", async () => {
    const name = `test_${randomBytes(4).toString("hex")}`;
    await one(
      careless.url,
      `create database ${name} template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'`,
    );
    await one(careless.url, `alter database ${name} set default_transaction_read_only = on`);
    const problems = await problemsOf(careless.url.replace(/postgres$/, name));
    assert.equal(problems.length, 4);
    for (const [index, words] of [
      /fsync is off/,
      /full_page_writes is off/,
      /it is read-only/,
      /encoding is SQL_ASCII/,
    ].entries()) {
      assert.match(problems[index] ?? "", words);
    }
  });

  for (const [what, facts, words] of [
    ["an old version", { version: 140_011, version_name: "14.11" }, /version 14\.11, and 15 is the oldest/],
    ["a standby", { standby: true, read_only: true }, /it is a standby.*primary/],
  ] as const) {
    it(`is refused if it is ${what}`, async () => {
      const good = {
        version: 180_000,
        version_name: "18",
        fsync: "on",
        full_page_writes: "on",
        read_only: false,
        standby: false,
        encoding: "UTF8",
      };
      const answers = async () => ({ rows: [{ ...good, ...facts }] });
      const error: unknown = await refuseUnsafe({ query: answers }).catch((thrown) => thrown);
      assert.ok(error instanceof Error);
      assert.match(error.message, words);
      assert.equal(error.message.split("\n").length, 2);
    });
  }

  it("is taken if nothing stands against it", async () => {
    const { url, drop } = await emptyDatabase();
    assert.deepEqual(await problemsOf(url), []);
    await drop();
  });

  it("is not mistaken for one that does not answer", async () => {
    const nobody = new pg.Client("postgres://nobody@127.0.0.1:1/none");
    await assert.rejects(nobody.connect(), { code: "ECONNREFUSED" });
    await assert.rejects(
      openDatabase({ url: "postgres://nobody@127.0.0.1:1/none", migrate: "auto", connections: 4, log: silent }),
      { code: "ECONNREFUSED" },
    );
  });
});

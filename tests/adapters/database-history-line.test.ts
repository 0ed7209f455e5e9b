import assert from "node:assert/strict";
import pg from "pg";
import { HistoryLine } from "../../server/adapters/database/history-line.ts";
import { type OpenedDatabase, openDatabase } from "../../server/adapters/database/open.ts";
import { listened } from "../../server/adapters/database/pool.ts";
import { isUnavailable } from "../../server/adapters/database/unavailable.ts";
import { eventually } from "../support/embedded.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { canHaveStandbys, Postgres15 } from "../support/standby.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

const silent = { info: () => undefined, warn: () => undefined };

describe("the line of history", () => {
  let opened: TemporaryDatabase;
  let pool: pg.Pool;
  before(async () => {
    opened = await temporaryDatabase();
    pool = listened(new pg.Pool({ connectionString: opened.url }), () => undefined);
  });
  after(async () => {
    await pool.end();
    await opened.close();
  });
  const unexpected = (error: unknown) => assert.fail(String(error));

  it("[FO1] has one name, whoever asks, however many ask at once", async () => {
    await pool.query("delete from history_lines");
    const lines = Array.from({ length: 8 }, () => new HistoryLine(unexpected));
    await Promise.all(lines.map((line) => line.look(pool)));
    const { rows } = await pool.query("select id from history_lines");
    assert.deepEqual(new Set(lines.map((line) => line.name())), new Set([rows[0].id]));
  });

  it("[FO1] is another one once its name was taken away, which is how an operator has every device start over", async () => {
    const line = new HistoryLine(unexpected);
    let changes = 0;
    line.onChange(() => changes++);
    await line.look(pool);
    const before = line.name();
    await line.look(pool);
    assert.equal(changes, 0);
    await pool.query("delete from history_lines");
    await line.look(pool);
    assert.notEqual(line.name(), before);
    assert.equal(changes, 1);
  });

  it("[FO2] tells all who listen, whatever one of them does, and nobody who has stopped", async () => {
    const problems: unknown[] = [];
    const told: string[] = [];
    const line = new HistoryLine((error) => problems.push(error));
    line.onChange(() => {
      throw new Error("a bug");
    });
    line.onChange(() => told.push(line.name()));
    line.onChange(() => told.push("stopped"))();
    await line.look(pool);
    await pool.query("delete from history_lines");
    await line.look(pool);
    assert.deepEqual(told, [line.name()]);
    assert.equal(problems.length, 1);
  });
});

const CUT = /^Connection terminated/;

describe("the line of history through a failover", function () {
  this.timeout(60_000);
  if (!canHaveStandbys()) return;
  const clusters: Postgres15[] = [];
  let proxy: TcpProxy;
  let opened: OpenedDatabase;
  let at: Postgres15;

  const ask = async (): Promise<string | undefined> => {
    try {
      await opened.commits.query("select 1");
      return opened.line.name();
    } catch (error) {
      assert.ok(isUnavailable(error), String(error));
      return undefined;
    }
  };

  before(async () => {
    at = await Postgres15.start();
    clusters.push(at);
    proxy = await TcpProxy.open(() => at.port);
    opened = await openDatabase({ url: at.urlAt(proxy.port), migrate: "auto", connections: 6, log: silent });
    const [one, two] = [await at.standby("one"), await at.standby("two")];
    clusters.push(one, two);
  });
  after(async () => {
    await opened?.close();
    await proxy?.close();
    await Promise.all(clusters.map((cluster) => cluster.remove()));
  });

  it("[FO3] lends no connection that leads to a standby, and says that the database does not answer", async () => {
    const [primary, standby] = clusters;
    if (!primary || !standby) return assert.fail();
    at = standby;
    proxy.cut();
    await eventually(async () => (await ask()) === undefined);
    await assert.rejects(opened.pool.query("select 1"), { name: "StandbyProblem" });
    await assert.rejects(
      opened.database.read(async (em) => em.getConnection().execute("select 1")),
      { code: "UNAVAILABLE" },
    );
    at = primary;
    await eventually(async () => (await ask()) !== undefined);
  });

  it("[FO2] [P10] is known to be another one before anybody is lent a connection to the standby that was promoted", async () => {
    const [primary, standby] = clusters;
    if (!primary || !standby) return assert.fail();
    const before = opened.line.name();
    const order: string[] = [];
    const stop = opened.line.onChange(() => order.push("known"));
    await primary.kill();
    await standby.promote();
    at = standby;
    const lent = async () => {
      if ((await ask()) !== undefined) order.push("lent");
      return order.includes("lent");
    };
    await Promise.all(Array.from({ length: 6 }, () => eventually(lent)));
    stop();
    assert.deepEqual(order.slice(0, 2), ["known", "lent"]);
    assert.equal(order.filter((what) => what === "known").length, 1, "it is told once");
    assert.notEqual(opened.line.name(), before);
  });

  it("[FO1] is another one yet at a second standby of the first primary, though its timeline has the same number", async () => {
    const [, first, second] = clusters;
    if (!first || !second) return assert.fail();
    const before = opened.line.name();
    await second.promote();
    const timeline = "select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as timeline";
    assert.deepEqual(await first.query(timeline), await second.query(timeline));
    at = second;
    proxy.cut();
    await eventually(async () => ![undefined, before].includes(await ask()));
  });

  it("[FO4] once known to be another one, nothing more is sent over connections to the old primary, though it lives", async () => {
    const [, first, second] = clusters;
    if (!first || !second) return assert.fail();
    const held = await opened.commits.connect();
    const broke = new Promise((tell) => held.once("error", tell));
    const idle = await opened.pool.query("select pg_backend_pid() as pid");
    at = first;
    // No connection breaks; new ones are opened, and what is under way over an old one just then is cut with it.
    const overOld = [1, 2].map(() => opened.pool.query("select 1").catch(({ message }) => assert.match(message, CUT)));
    await Promise.all([opened.commits.query("select 1"), ...overOld]);
    await broke;
    await assert.rejects(held.query("select 1"));
    held.release(true);
    await eventually(
      async () => (await second.query(`select from pg_stat_activity where pid = ${idle.rows[0].pid}`)).length === 0,
    );
  });
});

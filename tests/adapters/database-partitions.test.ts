import assert from "node:assert/strict";
import { messageMonths } from "../../server/adapters/database/partitions.ts";
import { eventually, one } from "../support/embedded.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { stopwatch } from "../support/stopwatch.ts";

describe("the months of messages", () => {
  let opened: TemporaryDatabase;
  const warned: object[] = [];
  const log = { warn: (fields: object) => void warned.push(fields) };
  const drop = async (month: number) =>
    opened.pool.query(
      `drop table ${await one(opened.url, `select 'messages_' || to_char((now() at time zone 'UTC') + interval '${month} months', 'YYYYMM')`)}`,
    );
  beforeEach(async () => {
    opened = await temporaryDatabase();
    warned.length = 0;
  });
  afterEach(() => opened.close());

  it("[JB3] are kept twelve ahead", async () => {
    const months = messageMonths(opened.pool, log);
    assert.equal(await months.ahead(), 12);
    await drop(12);
    await drop(11);
    assert.equal(await months.ahead(), 10);
    assert.equal(await months.keep(), undefined);
    assert.equal(await months.ahead(), 12);
    assert.deepEqual(warned, []);
  });

  it("[JB3] count up to the first that is missing", async () => {
    const months = messageMonths(opened.pool, log);
    await drop(4);
    assert.equal(await months.ahead(), 3);
    await drop(0);
    assert.equal(await months.ahead(), -1);
    await months.keep();
    assert.equal(await months.ahead(), 12);
  });

  it("[JB3] are made once, though many processes come to it at the same moment", async () => {
    const months = messageMonths(opened.pool, log);
    for (const month of [9, 10, 11, 12]) await drop(month);
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => months.keep()));
    assert.ok(outcomes.every((outcome) => outcome === undefined || outcome === "skipped"));
    assert.equal(await months.ahead(), 12);
  });

  it("[JB3] keep nobody waiting: where the table is busy they are left for the next time, and below three somebody is warned", async () => {
    const months = messageMonths(opened.pool, log);
    for (let month = 3; month <= 12; month++) await drop(month);
    const reader = await opened.pool.connect();
    await reader.query("begin");
    await reader.query("select count(*) from messages");
    const took = stopwatch();
    await assert.rejects(months.keep(), { code: "55P03" });
    assert.ok(took() < 1000);
    assert.deepEqual(warned, [{ months: 2 }]);
    await reader.query("commit");
    reader.release();
    await months.keep();
    assert.equal(await months.ahead(), 12);
    await eventually(() => opened.pool.idleCount === opened.pool.totalCount);
  });
});

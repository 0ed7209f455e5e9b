import assert from "node:assert/strict";
import { Bot } from "../support/bot.ts";
import { assertKept, type Observation, type Stored } from "../support/history-checker.ts";
import { Phone } from "../support/phone.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { type PairedUp, type SignedUp, TestServer } from "../support/server.ts";

const DAY_MS = 86_400_000;

/** As if the messages up to that seq had been said so much earlier: an id begins with its millisecond. */
const AGE = `
with said as (
  select subject_id as id, overlay(
    (lpad(to_hex(('x' || translate(left(subject_id::text, 13), '-', ''))::bit(48)::bigint - $3::bigint), 12, '0'))
    placing '' from 13 for 0) as ms, translate(substr(subject_id::text, 15), '-', '') as rest
  from journal where pair_id = $1 and seq <= $2
), aged as (
  select id, (ms || rest)::uuid as old from said
), moved as (
  update messages m set id = old from aged where m.pair_id = $1 and m.id = aged.id
)
update journal j set subject_id = old from aged where j.pair_id = $1 and j.subject_id = aged.id`;

describe("messages that are kept for a day", function () {
  this.timeout(60_000);
  let database: TemporaryDatabase;
  let server: TestServer;
  let keeper: TestServer;

  before(async () => {
    database = await temporaryDatabase();
    await database.pool.query("select make_message_months((now() - interval '2 months')::date, 4)");
    // Two that are to know each other have their keys in common.
    const keys = {
      CLUSTER_KEY: "c".repeat(32),
      APP_SECRET: "a".repeat(32),
    };
    const at = { DATABASE_URL: database.url, ...keys };
    [server, keeper] = [await TestServer.create(at), await TestServer.create({ ...at, MESSAGE_RETENTION_DAYS: "1" })];
    await server.start();
  });
  after(async () => {
    await keeper?.remove();
    await server?.remove();
    await database?.close();
  });

  const botOf = ({ email, userId: person }: SignedUp, pair: PairedUp, record: Observation[]) =>
    Bot.start({
      ...{ url: server.url, email, password: "Correct-horse-1", person },
      ...{ pair: pair.pairId, device: email, record },
    });

  it("[RT4] [RT5] [P3] go while both are there, and every phone, by whichever door, has what is left", async () => {
    const pair = await server.pairUp();
    const record: Observation[] = [];
    const [ada, bea] = [await botOf(pair.ada, pair, record), await botOf(pair.bea, pair, record)];
    const stock = await Phone.join(server, pair.ada, { deviceId: "stock" });
    for (const text of ["one", "two", "three"]) await ada.say(text);
    await bea.say("four");
    const tablet = await Phone.join(server, pair.bea, { deviceId: "tablet" });
    const { version } = await tablet.hears("chat.window");
    await tablet.leave();
    await database.pool.query(AGE, [pair.pairId, 3, 3 * DAY_MS]);

    // Another process of the cluster, at its start: it tells whoever has the room.
    await keeper.start();
    assert.deepEqual(await stock.hears("history.trimmed"), { firstSeq: 4 });
    await stock.sees(({ firstSeq, version: at }) => firstSeq === 4 && at === version + 1);
    await ada.until(() => ada.room.messages.length === 1, "it shows what is left");
    await bea.until(() => bea.room.messages.length === 1, "it shows what is left");
    assert.equal(stock.isClosed, false);

    const { seq } = await stock.say("five");
    assert.equal(seq, 5);
    await bea.until(() => bea.room.messages.length === 2, "what is said next is there");
    const back = await Phone.join(server, pair.bea, { deviceId: "tablet", afterVersion: version, pairId: pair.pairId });
    assert.equal((await back.hears("chat.resume")).reset, true);
    const { body } = await server.call("GET", "/api/v1/messages?limit=50", pair.bea.accessToken);
    const seqs = body.messages.map((message: Stored) => message.seq).sort();
    assert.deepEqual([seqs, body.pagination.total], [[4, 5], 2]);
    const found = await server.call("GET", "/api/v1/messages/search?q=one", pair.ada.accessToken);
    assert.deepEqual(found.body.messages ?? found.body.hits, []);

    await Promise.all([ada, bea].map((bot) => bot.rest(bot.room.version)));
    const messages = body.messages.toSorted((one: Stored, other: Stored) => one.seq - other.seq);
    const truth = { firstSeq: 4, messages: messages.map((message: Stored) => ({ ...message, hides: [] })) };
    assertKept(record, new Map([[pair.pairId, truth]]));
    assert.deepEqual([ada.reported, bea.reported], [[], []]);
    await Promise.all([ada.close(), bea.close(), stock.leave(), back.leave()]);
  });
});

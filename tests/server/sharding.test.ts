import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { deployed } from "../support/deployment.ts";
import { eventually } from "../support/embedded.ts";
import { Host } from "../support/host.ts";
import { Phone } from "../support/phone.ts";
import { ServedPostgres } from "../support/served-postgres.ts";
import { smoke } from "../support/smoked.ts";

/** What belongs to a pair, and moves with it. */
const ROOM_TABLES = ["pair_rooms", "journal", "messages", "watermarks", "push_due", "alerts", "presses", "moments"];

const NAMED = `(?:from|join|into|update|only)\\s+"?(?:${ROOM_TABLES.join("|")})"?\\b`;

/** What reads what is due of everybody, oldest first; beyond one primary each shard has its own. */
const SCANS_WHAT_IS_DUE = /\bpush_due\b[\s\S]*\bdue_at\b/i;

const names = (sql: string) => new RegExp(NAMED, "i").test(sql);

/** Whether a statement on a room table says of which pair. */
const isOfAPair = (sql: string) => !names(sql) || /\bpair_id\b/.test(sql) || SCANS_WHAT_IS_DUE.test(sql);

describe("what must hold beyond one primary", function () {
  this.timeout(90_000);
  let postgres: ServedPostgres;
  let host: Host;
  before(async () => {
    postgres = await ServedPostgres.start({ shared_preload_libraries: "pg_stat_statements" });
    await postgres.query("create extension pg_stat_statements");
    host = await Host.start([process.execPath, "server/main.ts"], { DATABASE_URL: postgres.url });
    await eventually(() => host.isReady(), 20_000).catch(() => assert.fail(host.words));
  });
  after(async () => {
    await host?.remove();
    await postgres?.remove();
  });

  it("[SH1] every key of a room table holds the pair, and none leads to another table", async () => {
    const keys = await postgres.query<{ table: string; key: string; columns: string[] }>(
      `select c.relname as table, i.relname as key,
         array(select a.attname::text from unnest(x.indkey) k join pg_attribute a on a.attrelid = c.oid and a.attnum = k) as columns
       from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
       where x.indisunique and c.relname = any($1)`,
      [ROOM_TABLES],
    );
    assert.deepEqual([...new Set(keys.map(({ table }) => table))].sort(), [...ROOM_TABLES].sort());
    for (const { key, columns } of keys) assert.ok(columns.includes("pair_id"), key);
    const leads = await postgres.query(
      "select conname from pg_constraint where contype = 'f' and (conrelid::regclass::text = any($1) or confrelid::regclass::text = any($1))",
      [ROOM_TABLES],
    );
    assert.deepEqual(leads, []);
    const triggers = await postgres.query(
      "select tgname from pg_trigger where not tgisinternal and tgrelid::regclass::text = any($1) order by tgname",
      [ROOM_TABLES],
    );
    // What a message bears follows it within its transaction: docs/scaling.md says what becomes of that.
    const known = ["messages_bring_media", "messages_take_media_along", "messages_take_media_away"];
    assert.deepEqual(
      triggers.map(({ tgname }) => tgname),
      known,
    );
  });

  it("[SH2] of all that was asked, each statement on a room table says of which pair; but for what is due", async () => {
    const { code, said } = await smoke(host.url);
    assert.equal(code, 0, said);
    await everything();
    const asked = await postgres.query<{ query: string }>("select query from pg_stat_statements");
    const ofRooms = asked
      .map(({ query }) => query)
      .filter((sql) => names(sql) && !/^\s*(?:create|alter|comment)/i.test(sql));
    assert.ok(ofRooms.length >= 12, `${ofRooms.length} statements`);
    assert.deepEqual(
      ofRooms.filter((sql) => !isOfAPair(sql)),
      [],
    );
  });

  it("[SH2] of all that could be asked, too: every statement in the code", () => {
    const sources = globSync("server/**/*.ts", { cwd: deployed.root }).map(
      (file) => [file, deployed.read(file)] as const,
    );
    const statements = sources.flatMap(([file, source]) =>
      [...source.matchAll(/`([^`]*)`|"([^"\n]*)"/g)].map(([, block, line]) => ({ file, sql: block ?? line ?? "" })),
    );
    const ofRooms = statements.filter(({ sql }) => names(sql) && /\b(?:select|insert|update|delete)\b/i.test(sql));
    assert.ok(ofRooms.length >= 12, `${ofRooms.length} statements`);
    assert.deepEqual(
      ofRooms.filter(({ sql }) => !isOfAPair(sql)),
      [],
    );
    assert.ok(!isOfAPair("select count(*) from messages"));
    assert.ok(!isOfAPair('update "journal" set key = $1'));
  });

  it("[SH3] the append touches nothing but what moves with the pair", async () => {
    const [append] = await postgres.query<{ query: string }>(
      "select query from pg_stat_statements where query ~* 'insert into journal' order by calls desc",
    );
    assert.ok(append);
    // The functions that append do the same for one pair, and are not seen from outside.
    const functions = await postgres.query<{ body: string }>(
      "select prosrc as body from pg_proc where proname like 'append_one%'",
    );
    assert.ok(functions.length > 0);
    const all = [append.query, ...functions.map(({ body }) => body)].join("\n");
    const tables = [...all.matchAll(/\b(?:from|join|into|update|using)\s+"?([a-z_]+)/gi)].map(([, name = ""]) => name);
    const real = await postgres.query<{ name: string }>(
      "select relname as name from pg_class where relkind in ('r', 'p', 'v')",
    );
    const known = new Set(real.map(({ name }) => name));
    assert.deepEqual(
      [...new Set(tables)].filter((name) => known.has(name) && !ROOM_TABLES.includes(name)),
      [],
    );
    assert.ok(tables.includes("journal") && tables.includes("messages"));
  });

  /** Each kind of thing that twins do, so that each statement is asked. */
  async function everything(): Promise<void> {
    const twins = await host.pairUp();
    const [ada, bea] = [await Phone.join(host, twins.ada), await Phone.join(host, twins.bea)];
    const { id } = await ada.say("hello there");
    await bea.hears("chat.message");
    await bea.ask("chat.react", { key: "r", messageId: id, emoji: "👍", on: true });
    await ada.ask("chat.edit", { key: "e", messageId: id, text: "hello again" });
    await ada.ask("chat.pin", { key: "p", messageId: id, on: true });
    await bea.ask("chat.read", { upTo: 1 });
    await bea.ask("chat.search", { q: "hello" });
    await bea.ask("chat.sync", { afterVersion: 0 });
    await bea.ask("chat.history", { aroundSeq: 1, limit: 10 });
    await ada.ask("chat.delete", { key: "d", messageId: id, for: "everyone" });
    await host.call("GET", "/api/v1/messages?limit=10", twins.bea.accessToken);
    await host.call("GET", "/api/v1/messages/search?q=hello", twins.bea.accessToken);
    await host.call("GET", "/api/v1/twins", twins.bea.accessToken);
    await host.call("DELETE", "/api/v1/twins", twins.bea.accessToken);
    await Promise.all([ada.closed, bea.closed]);
    await host.call("GET", "/api/v1/twins/former", twins.bea.accessToken);
  }
});

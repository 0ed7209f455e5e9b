import assert from "node:assert/strict";
import { migrations } from "../../schema/migrations/index.ts";
import { eventually } from "../support/embedded.ts";
import { Host } from "../support/host.ts";
import { describeWithPgBouncer, type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { Phone } from "../support/phone.ts";
import { privateKey } from "../support/private-key.ts";
import { ServedPostgres } from "../support/served-postgres.ts";
import { smoke } from "../support/smoked.ts";

const [WEB, WORKER, RELEASE] = ["main", "worker", "migrate"].map((name) => [process.execPath, `server/${name}.ts`]);

/** Of a pool that small each transaction of a node runs on another connection than the last. */
const CONNECTIONS = 4;

const PAIRS = 8;
const WORDS = 10;

/** What belongs to a connection, and so to whoever is lent it next. */
const OF_A_SESSION: readonly [string, RegExp][] = [
  ["a named statement", /execute (?!<unnamed>)\S+?(?:\/\S+)?: /],
  ["a prepared statement", /\bprepare \w+ (?:as|\()/i],
  ["a listener", /(?:statement|>): *(?:un)?listen\b/i],
  ["a setting", /(?:statement|>): *set (?!local\b|transaction\b|constraints\b)/i],
  ["a setting by function", /set_config\([^)]*,\s*false\s*\)/i],
  ["a lock", /\bpg_(?:try_)?advisory_lock/i],
  ["a table of its own", /create (?:local )?temp(?:orary)? /i],
  ["a cursor that is kept", /declare .* with hold/i],
];

/**
 * Clients say who they are when they connect, and a pooler says it again when it lends them another connection; and
 * MikroORM says before each migration what is so already.
 */
const POOLERS_OWN = /LOG: {2}statement: (?:SET application_name='\w+'|set names 'utf8');$/gm;

describeWithPgBouncer("behind a pooler in transaction mode, of four connections", function () {
  this.timeout(120_000);
  let postgres: ServedPostgres;
  let bouncer: PgBouncer;
  const hosts: Host[] = [];
  before(async () => {
    postgres = await ServedPostgres.start({ log_statement: "all" });
    // It puts no more than one kind of setting aside: what a client asks for, and it cannot keep, it declines.
    bouncer = await startPgBouncer(postgres.url, { connections: CONNECTIONS });
  });
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.remove())));
  after(async () => {
    await bouncer?.stop();
    await postgres?.remove();
  });

  const SHARED = {
    JWT_PRIVATE_KEY: privateKey(),
    PUBLIC_URL: "https://api.example.org",
    APP_SECRET: "a secret of these tests that all of them share",
    RATE_LIMIT_REQUESTS_PER_MINUTE: "100000",
    RATE_LIMIT_MESSAGES_PER_MINUTE: "100000",
  };
  async function start(command: readonly string[] | undefined, env: Readonly<Record<string, string>> = {}) {
    const host = await Host.start(command ?? [], { DATABASE_URL: bouncer.url, ...SHARED, ...env });
    hosts.push(host);
    return host;
  }
  const ready = (host: Host) => eventually(() => host.isReady(), 30_000).catch(() => assert.fail(host.words));

  it("[PO1] five release steps at once through the pooler itself apply each migration once", async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => start(RELEASE)));
    for (const host of all) assert.equal((await host.ended()).code, 0, host.words);
    const applied = all.flatMap(({ words }) => words.match(/(?<=applied )(?:m\d{4}[\w-]*|jobs)/g) ?? []);
    assert.deepEqual(applied.sort(), ["jobs", ...migrations.map(({ name }) => name)].sort());
  });

  it("[PO2] two nodes and a worker serve many pairs at once: nothing is refused, lost or doubled", async () => {
    const nodes = await Promise.all([start(WEB, { WORKER: "separate" }), start(WEB, { WORKER: "separate" })]);
    const worker = await start(WORKER);
    for (const node of nodes) await ready(node);
    await eventually(() => /"working"/.test(worker.words));
    const [first, second] = nodes;
    assert.ok(first && second);
    const { code, said } = await smoke(first.url);
    assert.equal(code, 0, said);

    const talks = Array.from({ length: PAIRS }, async () => {
      const twins = await first.pairUp();
      const [ada, bea] = [await Phone.join(first, twins.ada), await Phone.join(second, twins.bea)];
      const sent = Array.from({ length: WORDS }, (_, n) => [ada.say(`a${n}`), bea.say(`b${n}`)]).flat();
      const ids = (await Promise.all(sent)).map(({ id }) => id);
      await Promise.all([ada, bea].map((phone) => phone.sees(({ lastSeq }) => lastSeq === 2 * WORDS)));
      const { messages } = await bea.ask("chat.history", { limit: 100 });
      assert.deepEqual(messages.map(({ id }: { id: string }) => id).sort(), ids.sort());
      await Promise.all([ada.leave(), bea.leave()]);
    });
    await Promise.all(talks);
    for (const { words } of [...nodes, worker]) assert.doesNotMatch(words, /"level":"(?:error|fatal)"/, words);
    const taken =
      "select count(*)::int as count from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
    const [{ count = 0 } = {}] = await postgres.query<{ count: number }>(taken);
    assert.ok(count <= CONNECTIONS, `${count} connections`);
  });

  it("[PO3] nothing asks for what belongs to a connection: no named statement, setting, lock, listener or table of its own", () => {
    // All that the tests before this one did.
    const lines = postgres.log().replaceAll(POOLERS_OWN, "").split("\n");
    assert.ok(
      lines.filter((line) => /LOG: {2}(?:statement|execute <unnamed>): /.test(line)).length > 500,
      "the log has what was asked",
    );
    for (const [what, pattern] of OF_A_SESSION)
      assert.deepEqual(
        lines.filter((line) => pattern.test(line)),
        [],
        what,
      );
  });

  it("[PO3] what would be found is found", () => {
    for (const line of [
      "LOG:  execute s1: select 1",
      "LOG:  statement: LISTEN news",
      "LOG:  statement: set search_path = x",
      "LOG:  execute <unnamed>: select pg_advisory_lock(1)",
      "LOG:  execute <unnamed>: select set_config('a', 'b', false)",
      "LOG:  statement: create temp table a ()",
    ])
      assert.equal(OF_A_SESSION.filter(([, pattern]) => pattern.test(line)).length, 1, line);
    for (const line of [
      "LOG:  execute <unnamed>: update users set name = $1",
      "LOG:  statement: set local lock_timeout = '1s'",
      "LOG:  execute <unnamed>: select pg_try_advisory_xact_lock(1)",
    ])
      assert.ok(!OF_A_SESSION.some(([, pattern]) => pattern.test(line)), line);
  });

  it("[PO4] with DATABASE_DIRECT_URL migrations go past the pooler, and all else through it", async () => {
    await postgres.query("create database direct");
    const at = (url: string) => url.replace(/\/postgres$/, "/direct");
    const host = await start(WEB, { DATABASE_URL: at(bouncer.url), DATABASE_DIRECT_URL: at(postgres.url) });
    await ready(host);
    const before = postgres.log().length;
    await host.pairUp();
    const since = postgres.log().slice(before);
    assert.match(since, /insert into "?users/i);
    const ports =
      "select count(distinct client_port)::int as count from pg_stat_activity where datname = 'direct' and pid <> pg_backend_pid()";
    const [{ count = 0 } = {}] = await postgres.query<{ count: number }>(ports);
    assert.ok(count <= CONNECTIONS, `${count} connections`);
  });
});

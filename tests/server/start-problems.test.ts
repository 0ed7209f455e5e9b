import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { migrations } from "../../schema/migrations/index.ts";
import { refuseUnusable } from "../../server/adapters/blobs/s3-problems.ts";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { deployed } from "../support/deployment.ts";
import { eventually } from "../support/embedded.ts";
import { Host } from "../support/host.ts";
import { describeWithPgBouncer, type PoolerOptions, startPgBouncer } from "../support/pgbouncer.ts";
import { hasRedis, startRedis } from "../support/redis.ts";
import { ServedPostgres } from "../support/served-postgres.ts";
import { StrictS3 } from "../support/strict-s3.ts";

const WEB = [process.execPath, "server/main.ts"];
const RELEASE = [process.execPath, "server/migrate.ts"];

/** Whoever migrates holds it: see server/adapters/database/migrate.ts. */
const MIGRATING = "select pg_advisory_xact_lock(7431002)";

describe("a start that cannot be", function () {
  this.timeout(60_000);
  let postgres: ServedPostgres;
  const hosts: Host[] = [];
  before(async () => {
    postgres = await ServedPostgres.start();
  });
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.remove())));
  after(() => postgres?.remove());

  async function start(command: readonly string[], env: Readonly<Record<string, string>>): Promise<Host> {
    const host = await Host.start(command, env);
    hosts.push(host);
    return host;
  }

  /** Its one line; and nothing of what is secret, nor of our code, anywhere. */
  async function problem(env: Readonly<Record<string, string>>, command = WEB): Promise<string> {
    const host = await start(command, env);
    const { code } = await host.ended();
    assert.equal(code, 1, host.words);
    assert.doesNotMatch(host.words, /tell-nobody|node_modules|node:internal/);
    assert.doesNotMatch(host.problem(), /\n/);
    return host.problem();
  }

  const changed = (change: (url: URL) => void, from = postgres.url) => {
    const url = new URL(from);
    change(url);
    return url.href;
  };

  it("[DY1] names what is wrong with the way to PostgreSQL in one line, and the variable to mend", async () => {
    const wrongPassword = changed((url) => (url.password = "tell-nobody"));
    const cases: [Record<string, string>, RegExp, string[]?][] = [
      [{ DATABASE_URL: wrongPassword }, /^PostgreSQL does not take the user or password: mend DATABASE_URL$/],
      [{ DATABASE_URL: wrongPassword }, /^PostgreSQL does not take the user or password: mend DATABASE_URL$/, RELEASE],
      [
        { DATABASE_URL: postgres.url, DATABASE_DIRECT_URL: wrongPassword },
        /^PostgreSQL does not take the user or password: mend DATABASE_DIRECT_URL$/,
      ],
      [
        { DATABASE_URL: postgres.url, DATABASE_DIRECT_URL: "postgres://a:tell-nobody@no-such-host.invalid/b" },
        /^the host in DATABASE_DIRECT_URL has no address/,
        RELEASE,
      ],
      [
        { DATABASE_URL: "postgres://a:tell-nobody@localhost/b?host=/no/such/folder" },
        /socket is not there: start it, or mend DATABASE_URL$/,
      ],
    ];
    for (const [env, words, command] of cases) assert.match(await problem(env, command), words);
  });

  it("[DY1] names a full disk where it could not migrate, and does so once there is room", async function () {
    const small = await ServedPostgres.startOnSmallDisk(90);
    if (!small) return this.skip();
    try {
      const makeRoom = small.fillDisk();
      assert.match(await problem({ DATABASE_URL: small.url }, RELEASE), /^PostgreSQL's disk is full: make room there/);
      makeRoom();
      await eventually(() => small.answers());
      const again = await start(RELEASE, { DATABASE_URL: small.url });
      assert.equal((await again.ended()).code, 0, again.words);
    } finally {
      await small.remove();
    }
  });

  it("[DY1] says once that Redis wants a password, and which variable that is, and goes on without it", async function () {
    if (!hasRedis()) return this.skip();
    const redis = await startRedis({ password: "tell-nobody" });
    try {
      for (const [REDIS_URL, words] of [
        [`redis://127.0.0.1:${redis.port}`, /^Redis wants a password: put it into REDIS_URL/],
        [`redis://:tell-nobody-else@127.0.0.1:${redis.port}`, /does not take the name or password: mend REDIS_URL/],
        [`redis://127.0.0.1:${await freePort()}`, /does not answer there: start it, or mend REDIS_URL/],
      ] as const) {
        const CLUSTER_KEY = "a key for these tests and for nobody else";
        const host = await start(WEB, { DATABASE_URL: postgres.url, REDIS_URL, CLUSTER_KEY });
        await eventually(() => host.isReady(), 20_000).catch(() => assert.fail(host.words));
        const said = host.words.split("\n").filter((line) => /going on without it/.test(line));
        assert.equal(said.length, 1);
        assert.match(JSON.parse(said[0] ?? "").problem, words);
        assert.doesNotMatch(host.words, /tell-nobody/);
      }
    } finally {
      await redis.stop();
    }
  });

  it("[DY8] names what is wrong with the store of media in one line, and goes on without one that is away", async () => {
    const store = await StrictS3.open();
    const { bucket, region, credentials } = store.deps;
    const right = {
      ...{ DATABASE_URL: postgres.url, S3_BUCKET_NAME: bucket, S3_ENDPOINT: store.endpoint, AWS_REGION: region },
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    };
    try {
      for (const [wrong, words] of [
        [
          { S3_BUCKET_NAME: "another-bucket" },
          /^Pictures and recordings: there is no such bucket: create it, or mend S3_B/,
        ],
        [
          { AWS_SECRET_ACCESS_KEY: "tell-nobody-of-it" },
          /^Pictures and recordings: our secret is another one: mend AWS_S/,
        ],
        [{ AWS_ACCESS_KEY_ID: "AKIATELLNOBODY" }, /^Pictures and recordings: .*mend AWS_ACCESS_KEY_ID/],
      ] as const) {
        assert.match(await problem({ ...right, ...wrong }), words);
      }
      const away = { ...right, S3_ENDPOINT: `http://127.0.0.1:${await freePort()}` };
      for (const [env, isAway] of [
        [right, false],
        [away, true],
      ] as const) {
        const host = await start(WEB, env);
        await eventually(() => host.isReady(), 20_000).catch(() => assert.fail(host.words));
        assert.equal(/recordings are kept does not answer: going on without it/.test(host.words), isAway);
        host.signal("SIGTERM");
        await host.ended();
      }
    } finally {
      await store.close();
    }
  });

  it("[DY8] knows a bucket of another region by whatever a store says of it", async () => {
    const answering = (next: () => Promise<never>) => ({
      olderThan: () => ({ [Symbol.asyncIterator]: () => ({ next }) }),
    });
    const refusing = (error: Error) => answering(() => Promise.reject(error));
    for (const told of [
      { name: "AuthorizationHeaderMalformed" },
      { name: "PermanentRedirect" },
      { name: "301", $metadata: { httpStatusCode: 301 } },
    ])
      await assert.rejects(
        refuseUnusable(refusing(Object.assign(new Error("not here"), told)), () => assert.fail()),
        /^OperatorProblem: Pictures and recordings: the bucket is in another region: mend AWS_REGION$/,
      );
    const away: unknown[] = [];
    const silent = answering(() => new Promise(() => undefined));
    await refuseUnusable(silent, (error) => away.push(error));
    assert.equal(away.length, 1);
  });

  it("[DY1] the page of hosts explains only what a start may say", () => {
    const page = deployed.read("docs/deploy.md");
    const table = page.slice(page.indexOf("## What a start says"));
    const rows = [...table.matchAll(/^\| (`.+?`) \|/gm)].map(([, said = ""]) => said);
    const sentences = rows.flatMap((said) => [...said.matchAll(/`([^`]+)`/g)].map(([, sentence = ""]) => sentence));
    assert.ok(sentences.length >= 8);
    const sources = globSync("server/**/*.ts", { cwd: deployed.root }).map(deployed.read).join("\n");
    for (const sentence of sentences) assert.ok(sources.includes(sentence), sentence);
  });

  it("[DY2] of five that migrate at once four wait, and say so; each migration is applied once", async () => {
    await postgres.query("create database five");
    const five = changed((url) => (url.pathname = "/five"));
    // Held by somebody else first, so that all five come upon it.
    const [held] = await Promise.all([heldIn(five)]);
    const all = await Promise.all(Array.from({ length: 5 }, () => start(RELEASE, { DATABASE_URL: five })));
    const waits = /another process migrates the database: waiting for it/;
    await eventually(() => all.every(({ words }) => waits.test(words)), 30_000);
    await held();
    for (const host of all) assert.equal((await host.ended()).code, 0, host.words);
    const applied = all.flatMap(({ words }) => words.match(/(?<=applied )(?:m\d{4}[\w-]*|jobs)/g) ?? []);
    assert.deepEqual(applied.sort(), ["jobs", ...migrations.map(({ name }) => name)].sort());
  });

  /** Resolves with the way to let go. */
  async function heldIn(url: string): Promise<() => Promise<void>> {
    const { Client } = (await import("pg")).default;
    const client = new Client(url);
    await client.connect();
    await client.query("begin");
    await client.query(MIGRATING);
    return () => client.end();
  }

  describeWithPgBouncer("behind a pooler", () => {
    const nowhere = async () => changed((url) => (url.port = "1"));
    const cases: [string, PoolerOptions, RegExp, (() => Promise<string>)?][] = [
      ["in statement mode", { mode: "statement" }, /^the pooler of DATABASE_URL is in statement mode.*pool_mode/],
      [
        "without our database",
        { databases: "another", settings: { auth_type: "trust" } },
        /^the pooler of DATABASE_URL has no such database: add it/,
      ],
      [
        "with another password",
        {},
        /^user or password are not taken, by the pooler of DATABASE_URL or by PostgreSQL/,
        async () => changed((url) => (url.password = "tell-nobody")),
      ],
      ["that is full", { settings: { max_client_conn: 0 } }, /takes no more clients: raise its max_client_conn/],
      ["with no PostgreSQL behind it", { settings: { server_login_retry: 1 } }, /reached|reach PostgreSQL/, nowhere],
    ];
    for (const [what, options, words, behind] of cases) {
      it(`[DY1] names a pooler ${what}`, async () => {
        const bouncer = await startPgBouncer((await behind?.()) ?? postgres.url, options);
        try {
          assert.match(await problem({ DATABASE_URL: bouncer.url }), words);
        } finally {
          await bouncer.stop();
        }
      });
    }
  });
});

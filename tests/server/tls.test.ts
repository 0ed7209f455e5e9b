import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Authority } from "../support/authority.ts";
import { eventually } from "../support/embedded.ts";
import { Host } from "../support/host.ts";
import { Phone } from "../support/phone.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { ServedPostgres } from "../support/served-postgres.ts";

const ROLES = { web: "server/main.ts", worker: "server/worker.ts", release: "server/migrate.ts" } as const;

const OURS = `
select s.ssl, count(*)::int from pg_stat_activity a join pg_stat_ssl s using (pid)
where a.usename = 'twinship' and a.pid <> pg_backend_pid() group by 1`;

/** Names of this test's own, as a resolver would answer them: the one has an IPv6 address only. */
const RESOLVER = `
import dns from "node:dns";
const { lookup } = dns;
dns.lookup = (name, how, done = how) => {
  if (name !== "six.test") return lookup(name, how, done);
  const options = typeof how === "object" ? how : {};
  process.nextTick(() => (options.all ? done(null, [{ address: "::1", family: 6 }]) : done(null, "::1", 6)));
};`;

describe("a system whose PostgreSQL and Redis take TLS only, under an authority of its own", function () {
  this.timeout(60_000);
  let ours: Authority;
  let others: Authority;
  let postgres: ServedPostgres;
  let redis: TestRedis;
  const hosts: Host[] = [];
  before(async () => {
    [ours, others] = [new Authority(), new Authority()];
    postgres = await ServedPostgres.startTlsOnly(ours, ["localhost", "six.test"]);
    const certified = { ...ours.certify(["localhost", "six.test"]), ca: ours.ca };
    redis = await startRedis({ certified, tls: true, settings: ["--bind", "127.0.0.1", "::1"] });
  });
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.remove())));
  after(async () => {
    await postgres?.remove();
    await redis?.stop();
    for (const authority of [ours, others]) authority?.remove();
  });

  const database = (sslmode?: string, host = "localhost") => {
    const url = new URL(postgres.url);
    url.hostname = host;
    url.search = sslmode ? `?sslmode=${sslmode}` : "";
    return url.href;
  };
  const start = async (role: keyof typeof ROLES, env: Readonly<Record<string, string>>) => {
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(RESOLVER)}`;
    const shared = { CLUSTER_KEY: "a key for these tests and for nobody else" };
    const host = await Host.start([process.execPath, ROLES[role]], { ...shared, NODE_OPTIONS, ...env });
    hosts.push(host);
    return host;
  };
  const ready = async (env: Readonly<Record<string, string>>) => {
    const host = await start("web", env);
    await eventually(() => host.isReady(), 20_000).catch(() => assert.fail(host.words));
    return host;
  };
  const healthOf = async (host: Host) => (await host.call("GET", "/health")).body.services;
  /** What a role says that does not start. */
  const refusal = async (role: keyof typeof ROLES, env: Readonly<Record<string, string>>) => {
    const host = await start(role, env);
    const { code } = await host.ended();
    assert.equal(code, 1, host.words);
    return host.problem();
  };

  it("[TL1] serves twins with every connection encrypted: of the domain, rooms, committer, queue, replica and migrations", async () => {
    const all = {
      DATABASE_URL: database("verify-full"),
      DATABASE_DIRECT_URL: database("verify-ca"),
      DATABASE_REPLICA_URL: database("verify-full"),
      DATABASE_CA: ours.ca,
      REDIS_URL: redis.url,
      REDIS_CA: readFileSync(ours.ca, "utf8"),
    };
    const release = await start("release", all);
    assert.equal((await release.ended()).code, 0, release.words);
    assert.match(release.words, /applied jobs/);
    const host = await ready({ ...all, MIGRATE: "never", WORKER: "separate" });
    const worker = await start("worker", { ...all, MIGRATE: "never" });
    await eventually(() => /"working"/.test(worker.words));
    const twins = await host.pairUp();
    const [ada, bea] = [await Phone.join(host, twins.ada), await Phone.join(host, twins.bea)];
    await ada.say("only we read this");
    await bea.hears("chat.message");
    assert.equal((await ada.ask("chat.search", { q: "read" })).hits.length, 1);
    assert.doesNotMatch(host.words, /the replica does not serve/);
    const found = await postgres.query<{ ssl: boolean; count: number }>(OURS);
    assert.deepEqual(
      found.map(({ ssl }) => ssl),
      [true],
    );
    assert.ok((found[0]?.count ?? 0) >= 4, JSON.stringify(found));
    await eventually(async () => (await healthOf(host)).redis === "connected");
  });

  for (const role of ["web", "worker", "release"] as const) {
    it(`[TL2] the ${role} does not start in the open, nor under another authority, nor for another name, and says what to set`, async () => {
      const cases = [
        [{ DATABASE_URL: database() }, /takes encrypted connections only: .*sslmode=require/],
        [{ DATABASE_URL: database("disable"), DATABASE_CA: ours.ca }, /sslmode=require/],
        [
          { DATABASE_URL: database("verify-full"), DATABASE_CA: others.ca },
          /a CA we do not know: name it in DATABASE_CA/,
        ],
        [{ DATABASE_URL: database("verify-ca"), DATABASE_CA: others.ca }, /name it in DATABASE_CA/],
        [{ DATABASE_URL: database("verify-full") }, /name it in DATABASE_CA/],
        [
          { DATABASE_URL: database("verify-full", "127.0.0.1"), DATABASE_CA: ours.ca },
          /certificate is for another host: mend the host in DATABASE_URL, or use sslmode=verify-ca/,
        ],
        [{ DATABASE_URL: database("verify-full"), DATABASE_CA: "/no/such/file" }, /DATABASE_CA: must be certificates/],
      ] as const;
      // They read it in one place: of the others the first ones are enough.
      for (const [env, words] of role === "web" ? cases : cases.slice(0, 3))
        assert.match(await refusal(role, env), words);
    });
  }

  it("[TL2] a wrong DATABASE_DIRECT_URL is refused like a wrong DATABASE_URL", async () => {
    const env = { DATABASE_URL: database("require"), DATABASE_DIRECT_URL: database() };
    assert.match(await refusal("web", env), /takes encrypted connections only/);
  });

  it("[TL3] without the right authority or name for Redis it goes on without it, and says once what to set", async () => {
    const well = { DATABASE_URL: database("require") };
    for (const [REDIS_URL, REDIS_CA, words] of [
      [redis.url, others.ca, /certificate is of a CA we do not know: name it in REDIS_CA/],
      [redis.url, "", /name it in REDIS_CA/],
      [
        redis.url.replace("localhost", "127.0.0.1"),
        ours.ca,
        /certificate is for another host: mend the host in REDIS_URL/,
      ],
      [redis.url.replace("rediss:", "redis:"), "", /use rediss:\/\//],
    ] as const) {
      const host = await ready({ ...well, REDIS_URL, REDIS_CA });
      await eventually(() => /going on without it/.test(host.words));
      const said = host.words.split("\n").filter((line) => /going on without it/.test(line));
      assert.equal(said.length, 1);
      assert.match(JSON.parse(said[0] ?? "").problem, words);
      assert.deepEqual((await healthOf(host)).redis, "unavailable");
      await host.remove();
    }
  });

  it("[TL4] names that have an IPv6 address only lead there", async () => {
    const host = await ready({
      DATABASE_URL: database("verify-full", "six.test"),
      DATABASE_CA: ours.ca,
      REDIS_URL: redis.url.replace("localhost", "six.test"),
      REDIS_CA: ours.ca,
    });
    await eventually(async () => (await healthOf(host)).redis === "connected");
  });

  it("[TL5] it listens on every address, IPv4 and IPv6, unless HOST says where", async () => {
    const host = await ready({ DATABASE_URL: database("require"), HOST: "" });
    for (const address of ["127.0.0.1", "[::1]"])
      assert.equal((await fetch(`http://${address}:${host.port}/health`)).status, 200, address);
    const one = await ready({ DATABASE_URL: database("require"), HOST: "127.0.0.1" });
    await assert.rejects(fetch(`http://[::1]:${one.port}/health`));
  });
});

import assert from "node:assert/strict";
import { compose, dockerfile, procfile } from "../support/deployment.ts";
import { eventually } from "../support/embedded.ts";
import { type Command, Host } from "../support/host.ts";
import { Phone } from "../support/phone.ts";
import { ServedPostgres } from "../support/served-postgres.ts";

/** Every way in which a server is started, word for word. */
const WEB: readonly [string, Command][] = [
  ["the Procfile's web", procfile().get("web") ?? ""],
  ["the image", JSON.parse(dockerfile().get("CMD") ?? "[]")],
  ["compose's web-1", compose().services["web-1"]?.command ?? []],
  ["npm start", ["npm", "start"]],
];

/** What is the same is started once. */
const started = WEB.filter(([, one], at) => WEB.findIndex(([, other]) => String(other) === String(one)) === at);

/** With nothing left to wait for. */
const TO_GO_MS = 5000;

describe("signals, to exactly what a host starts", function () {
  this.timeout(60_000);
  let postgres: ServedPostgres;
  const hosts: Host[] = [];
  before(async () => {
    postgres = await ServedPostgres.start();
  });
  afterEach(async () => {
    postgres.thaw();
    await Promise.all(hosts.splice(0).map((host) => host.remove()));
  });
  after(() => postgres?.remove());

  async function start(command: Command, env: Readonly<Record<string, string>> = {}): Promise<Host> {
    const host = await Host.start(command, { DATABASE_URL: postgres.url, ...env });
    hosts.push(host);
    return host;
  }

  async function ready(command: Command, env: Readonly<Record<string, string>> = {}): Promise<Host> {
    const host = await start(command, env);
    await eventually(() => host.isReady(), 20_000).catch(() => assert.fail(host.words));
    return host;
  }

  for (const [name, command] of started) {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      it(`[SG1] [P9] ${signal} to ${name}: not ready, everybody told and let go, what was accepted written, and nobody left behind`, async () => {
        const host = await ready(command);
        const twins = await host.pairUp();
        const [ada, bea] = [await Phone.join(host, twins.ada), await Phone.join(host, twins.bea)];
        await ada.say("before");
        // Somebody holds the pair's row, so the last words wait, and with them the end.
        const letGo = await postgres.holding("select from pair_rooms where pair_id = $1 for update", [twins.pairId]);
        const lastWords = ada.say("last words");
        host.signal(signal);
        await eventually(async () => (await host.call("GET", "/ready")).status === 503);
        assert.deepEqual((await host.call("GET", "/ready")).body, { ready: false, reasons: ["draining"] });
        assert.equal((await fetch(`${host.url}/metrics`)).status, 200);
        for (const phone of [ada, bea]) {
          const { reconnectAfterMs } = await phone.hears("server.draining");
          assert.ok(reconnectAfterMs > 0);
        }
        assert.equal(ada.isClosed, false);
        await letGo();
        assert.equal((await lastWords).seq, 2);
        assert.deepEqual(await Promise.all([ada.closed, bea.closed]), [4503, 4503]);
        assert.ok((await host.ended()).afterMs < TO_GO_MS);
        assert.deepEqual(host.orphans(), []);
        const listed = await postgres.query("select from processes where address like $1", [`%:${host.port}`]);
        assert.equal(listed.length, 0, "it took itself off the list");
      });
    }

    it(`[SG2] [P9] ${name} is gone at its deadline though PostgreSQL stands still, and nobody is left behind`, async () => {
      const host = await ready(command, { SHUTDOWN_DEADLINE_SECONDS: "2" });
      const twins = await host.pairUp();
      const ada = await Phone.join(host, twins.ada);
      postgres.freeze();
      ada.say("into the void").catch(() => undefined);
      host.signal("SIGTERM");
      assert.ok((await ada.hears("server.draining")).reconnectAfterMs > 0);
      const { afterMs } = await host.ended();
      assert.ok(afterMs < 4000, String(afterMs));
      assert.deepEqual(host.orphans(), []);
      assert.match(host.words, /"waitingFor":"rooms"/);
      postgres.thaw();
    });

    it(`[SG3] an interrupt on the terminal of ${name}, which reaches all that run there, ends it in order`, async () => {
      const host = await ready(command);
      const twins = await host.pairUp();
      const ada = await Phone.join(host, twins.ada);
      // As long as somebody holds the pair's row the end waits, and whoever were told twice would not.
      const letGo = await postgres.holding("select from pair_rooms where pair_id = $1 for update", [twins.pairId]);
      const lastWords = ada.say("last words");
      host.signalAll("SIGINT");
      await ada.hears("server.draining");
      await eventually(async () => (await host.call("GET", "/ready")).status === 503);
      await letGo();
      assert.equal((await lastWords).seq, 1);
      assert.equal(await ada.closed, 4503);
      await host.ended();
      assert.deepEqual(host.orphans(), []);
    });
  }

  const argv = (name: string): readonly string[] => procfile().get(name)?.split(" ") ?? [];
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`[SG1] ${signal} to the Procfile's worker: it ends in order, and nobody is left behind`, async () => {
      const host = await start(argv("worker"));
      await eventually(() => /"working"/.test(host.words), 20_000).catch(() => assert.fail(host.words));
      host.signal(signal);
      const { code, afterMs } = await host.ended();
      assert.deepEqual([code, afterMs < TO_GO_MS], [0, true], host.words);
      assert.deepEqual(host.orphans(), []);
      await eventually(async () => (await connections()) === 1);
    });
  }

  it("[SG4] the release step ends by itself, however often it runs, and a web process that migrates nothing starts after it", async () => {
    for (const _again of [1, 2]) {
      const release = await start(argv("release"));
      assert.equal((await release.ended()).code, 0, release.words);
    }
    const host = await ready(argv("web"), { MIGRATE: "never" });
    host.signal("SIGTERM");
    assert.equal((await host.ended()).code, 0);
  });

  async function connections(): Promise<number> {
    const [row] = await postgres.query<{ count: number }>(
      "select count(*)::int as count from pg_stat_activity where backend_type = 'client backend'",
    );
    return row?.count ?? 0;
  }
});

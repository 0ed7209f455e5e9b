import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { TestServer } from "../support/server.ts";

const LOADTEST = join(import.meta.dirname, "../../loadtest");
const SCENARIOS = ["chat-pair", "idle-pair", "reconnect-storm"];
const PHONES = 8;

/** Half a minute at most where the registry is near. */
const INSTALL_MS = 180_000;

/** As whoever checks the repository out gets it: nothing that was installed or written down there before. */
const NOT_COMMITTED = ["node_modules", "people.json"];

describe("the load tests", () => {
  const folder = mkdtempSync(join(tmpdir(), "twinship-loadtest-"));
  let server: TestServer;

  before(async function () {
    this.timeout(INSTALL_MS);
    cpSync(LOADTEST, folder, { recursive: true, filter: (path) => !NOT_COMMITTED.includes(basename(path)) });
    const [installed] = await Promise.all([
      run("npm", ["ci", "--prefer-offline", "--fetch-retries=0", "--no-audit", "--no-fund"]),
      start(),
    ]);
    if (installed.code === 0) return;
    console.error(`THE LOAD TESTS ARE NOT TESTED: npm ci did not work in loadtest/\n${installed.said}`);
    if (process.env["CI"] === "true") assert.fail("npm ci works in loadtest/");
    this.skip();
  });

  after(async () => {
    await server?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("[LT1] are of the types they say they are", async () => {
    const checked = await run("npm", ["run", "-s", "check"]);
    assert.equal(checked.code, 0, checked.said);
  });

  it("[LT2] [LT3] every scenario runs in @colyseus/loadtest: everybody joins, chats, comes back, and nothing fails", async () => {
    const signedUp = await node("people.ts", "--url", server.url, "--pairs", String((SCENARIOS.length * PHONES) / 2));
    assert.equal(signedUp.code, 0, signedUp.said);
    const summaries = await Promise.all(SCENARIOS.map((scenario, n) => inTerminal(scenario, peopleOf(n))));
    for (const { connections, failures, errors, joined, failed } of summaries) {
      assert.ok(connections >= PHONES, `${connections} connections`);
      assert.deepEqual({ failures, errors, joined, failed }, { failures: 0, errors: 0, joined: PHONES, failed: 0 });
    }
    const [chat, idle, storm] = summaries;
    assert.ok(chat && idle && storm);
    assert.ok(chat.acknowledged > 0, "twins chat");
    assert.equal(idle.acknowledged, 0, "twins are idle");
    assert.ok(storm.back >= PHONES && storm.connections >= 2 * PHONES, "phones come back");
  });

  it("[LT2] people who are written down get new tokens, and nobody is signed up twice", async () => {
    const file = join(folder, "few.json");
    const prepare = () => node("people.ts", "--url", server.url, "--pairs", "1", "--out", file);
    await prepare();
    const before = JSON.parse(readFileSync(file, "utf8")).people;
    await prepare();
    const after = JSON.parse(readFileSync(file, "utf8")).people;
    const emails = (people: { email: string }[]) => people.map(({ email }) => email);
    assert.deepEqual(emails(after), emails(before));
    assert.notEqual(after[0].refreshToken, before[0].refreshToken);
  });

  it("[LT4] every scenario runs without a terminal, and prints its figures as JSON", async () => {
    const figures = await Promise.all(
      SCENARIOS.map(async (scenario) => {
        const options = ["--scenario", scenario, "--pairs", "4", "--seconds", "3", "--every", "1000", "--json"];
        const ran = await node("run.ts", "--url", server.url, ...options);
        assert.equal(ran.code, 0, ran.said);
        return JSON.parse(ran.out);
      }),
    );
    for (const { joined, errors } of figures) assert.deepEqual({ joined, errors }, { joined: PHONES, errors: {} });
    const [chat, idle, storm] = figures;
    assert.ok(chat.acknowledged > 0 && chat.deliveries.count > 0 && chat.answers.p50 > 0 && chat.answers.p99 > 0);
    assert.equal(idle.acknowledged, 0);
    assert.ok(storm.returns.count >= PHONES && storm.returns.p99 > 0);
  });

  it("[LT5] a run in which somebody could not join ends with 1, and says why", async () => {
    const stranger = { email: "nobody@example.org", accessToken: "made-up", refreshToken: "made-up" };
    const people = join(folder, "strangers.json");
    writeFileSync(people, JSON.stringify({ url: server.url, people: [stranger, stranger] }));
    const options = ["--scenario", "idle-pair", "--pairs", "1", "--seconds", "1", "--json"];
    const { code, out } = await node("run.ts", "--url", server.url, "--people", people, ...options);
    const { joined, errors } = JSON.parse(out);
    assert.deepEqual({ code, joined }, { code: 1, joined: 0 });
    assert.match(Object.keys(errors).join(), /AUTH_TOKEN_INVALID.*npm run people/);
  });

  async function start(): Promise<void> {
    server = await TestServer.create();
    await server.start();
  }

  /** Each scenario its own people: a device is in one place. */
  function peopleOf(n: number): string {
    const { url, people } = JSON.parse(readFileSync(join(folder, "people.json"), "utf8"));
    const file = join(folder, `people-${n}.json`);
    writeFileSync(file, JSON.stringify({ url, people: people.slice(n * PHONES, (n + 1) * PHONES) }));
    return file;
  }

  /** As somebody at a terminal does, but that it ends by itself; what the tool says of it in its log. */
  async function inTerminal(scenario: string, people: string) {
    const log = join(folder, `${scenario}.log`);
    const tool = ["--room", "pair", "--endpoint", server.url.replace("http", "ws"), "--numClients", String(PHONES)];
    const own = ["--people", people, "--think", "100", "--every", "1000", "--seconds", "4", "--output", log];
    await node(`${scenario}.ts`, ...tool, ...own);
    const said = readFileSync(log, "utf8");
    const number = (pattern: RegExp) => Number(pattern.exec(said)?.[1]);
    return {
      connections: number(/Successful connections: (\d+)/),
      failures: number(/Failed connections: (\d+)/),
      errors: number(/Total errors: (\d+)/),
      // The newest line comes first.
      joined: number(/joined (\d+)/),
      acknowledged: number(/acknowledged (\d+)/),
      back: number(/back (\d+)/),
      failed: number(/failed (\d+)/),
    };
  }

  const node = (...args: readonly string[]) => run(process.execPath, args);

  async function run(program: string, args: readonly string[]) {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, TERM: "xterm" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, said] = ["", ""];
    child.stdout.on("data", (chunk) => {
      out += chunk;
      said += chunk;
    });
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, "close");
    return { code, out, said };
  }
});

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { isAlive } from "../../server/adapters/database/living.ts";
import { DataFolders, eventually, mounted } from "../support/embedded.ts";
import { emptyDatabase } from "../support/postgres.ts";
import { stopwatch } from "../support/stopwatch.ts";

const MAIN = join(import.meta.dirname, "../../server/main.ts");

/** The real server, as its host starts it. */
class Run {
  readonly process: ChildProcess;
  words = "";
  readonly ended: Promise<{ code: number | null; signal: string | null }>;

  constructor(env: Readonly<Record<string, string>>, options: readonly string[] = []) {
    const all = { PATH: process.env["PATH"], PORT: "0", HOST: "127.0.0.1", ...env };
    this.process = spawn(process.execPath, [...options, MAIN], { env: all, stdio: ["ignore", "pipe", "pipe"] });
    for (const output of [this.process.stdout, this.process.stderr]) output?.on("data", (said) => (this.words += said));
    this.ended = once(this.process, "close").then(([code, signal]) => ({ code, signal }));
  }

  async ready(): Promise<string> {
    const url = () => this.words.match(/ready: (http:\/\/\S+?)"/)?.[1];
    await eventually(() => url() !== undefined || this.process.exitCode !== null, 15_000);
    assert.ok(url(), this.words);
    return url() ?? "";
  }

  /** What an operator reads when it does not start. */
  async problem(): Promise<string> {
    const { code } = await this.ended;
    assert.equal(code, 1, this.words);
    const last = this.words
      .trim()
      .split("\n")
      .flatMap((line) => {
        if (!line.startsWith("{")) return line;
        const { level, message } = JSON.parse(line);
        return level === "fatal" ? message : [];
      });
    return last.join("\n");
  }
}

describe("the server's process", () => {
  const folders = new DataFolders();
  const runs: Run[] = [];
  const run = (env: Readonly<Record<string, string>>, options?: readonly string[]) => {
    const started = new Run(env, options);
    runs.push(started);
    return started;
  };
  after(async () => {
    for (const { process: child, ended } of runs) {
      child.kill("SIGKILL");
      await ended;
    }
    folders.remove();
  });

  const postmasterIn = (dataDir: string) =>
    Number(readFileSync(join(dataDir, "postgres/cluster/postmaster.pid"), "utf8").split("\n")[0]);

  async function timeToReady(dataDir: string): Promise<number> {
    const server = run({ DATA_DIR: dataDir });
    const elapsed = stopwatch(server.process.pid);
    const url = await server.ready();
    const took = elapsed();
    assert.equal((await fetch(`${url}/ready`)).status, 200);
    server.process.kill("SIGTERM");
    assert.deepEqual(await server.ended, { code: 0, signal: null });
    return took;
  }

  it("[LC2] starts from nothing within four seconds and from what it left within two, and says where it is", async () => {
    const times: { first: number; later: number }[] = [];
    const isQuick = () => times.some(({ first }) => first < 4000) && times.some(({ later }) => later < 2000);
    // What it can do, not what else the machine does: without the time that others took, and the best of three.
    while (!isQuick() && times.length < 3) {
      const dataDir = folders.make();
      times.push({ first: await timeToReady(dataDir), later: await timeToReady(dataDir) });
    }
    assert.ok(isQuick(), JSON.stringify(times));
  });

  it("[LC3] takes everything along when it is told to go, and comes back after it was killed", async () => {
    const dataDir = folders.make();
    const first = run({ DATA_DIR: dataDir });
    await first.ready();
    first.process.kill("SIGKILL");
    await first.ended;
    const next = run({ DATA_DIR: dataDir });
    await next.ready();
    const postmaster = postmasterIn(dataDir);
    next.process.kill("SIGINT");
    assert.deepEqual(await next.ended, { code: 0, signal: null });
    assert.equal(isAlive(postmaster), false);
  });

  it("[LC3] ends at once when it is interrupted a second time", async () => {
    const dataDir = folders.make();
    const server = run({ DATA_DIR: dataDir });
    await server.ready();
    // Held, its PostgreSQL takes longer to end than anybody wants to wait.
    const postmaster = postmasterIn(dataDir);
    process.kill(postmaster, "SIGSTOP");
    server.process.kill("SIGINT");
    await eventually(() => /"stopping"/.test(server.words));
    // What comes right after the first is the same key, as npm passes it on.
    const took = stopwatch();
    await eventually(() => !server.process.kill("SIGINT") || server.process.exitCode !== null);
    assert.ok(took() < 2000);
    assert.deepEqual(await server.ended, { code: 130, signal: null });
    process.kill(postmaster, "SIGCONT");
    await eventually(() => !isAlive(postmaster));
  });

  it("[P9] is gone at its deadline whatever hangs, and says what it waited for", async () => {
    const dataDir = folders.make();
    const server = run({ DATA_DIR: dataDir, SHUTDOWN_DEADLINE_SECONDS: "1" });
    await server.ready();
    const postmaster = postmasterIn(dataDir);
    process.kill(postmaster, "SIGSTOP");
    const took = stopwatch();
    server.process.kill("SIGTERM");
    assert.deepEqual(await server.ended, { code: 1, signal: null });
    assert.ok(took() < 2500);
    assert.match(server.words, /"waitingFor":"(?:connections to )?PostgreSQL"/);
    process.kill(postmaster, "SIGCONT");
    await eventually(() => !isAlive(postmaster));
  });

  const signUp = (url: string, address: string) =>
    fetch(`${url}/api/v1/auth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: `${address}@example.org`, password: "Correct-horse-1", name: "Ada" }),
    });

  it("[EP8] acknowledges nothing and is not ready once its data folder was taken away, and says so in one line", async () => {
    const dataDir = folders.make();
    const server = run({ DATA_DIR: dataDir });
    const url = await server.ready();
    rmSync(join(dataDir, "postgres"), { recursive: true });
    await eventually(async () => (await fetch(`${url}/ready`)).status === 503, 5000);
    assert.equal((await signUp(url, "ada")).status, 503);
    assert.equal(server.words.match(/"level":"error"/g)?.length, 1, server.words);
    server.process.kill("SIGTERM");
    assert.deepEqual(await server.ended, { code: 0, signal: null });
  });

  it("[EP8] acknowledges nothing while its disk is full, keeps what it had acknowledged, and goes on once there is room", async function () {
    const dataDir = folders.make();
    if (!mounted(dataDir, "size=160m")) return this.skip();
    try {
      const server = run({ DATA_DIR: dataDir });
      const url = await server.ready();
      const acknowledged: string[] = [];
      const more = async () => {
        const address = `ada${acknowledged.length}`;
        const { status } = await signUp(url, address);
        if (status === 201) acknowledged.push(address);
        return status;
      };
      assert.equal(await more(), 201);
      const filler = join(dataDir, "filler");
      fill(filler);
      await eventually(async () => (await more()) === 503, 20_000);
      rmSync(filler);
      await eventually(async () => (await more()) === 201, 30_000);
      for (const address of acknowledged) assert.equal((await signUp(url, address)).status, 409, address);
      server.process.kill("SIGTERM");
      await server.ended;
    } finally {
      execFileSync("umount", ["--lazy", dataDir]);
    }
  });

  for (const [what, bug, words] of [
    ["nobody caught", "throw new Error('a bug')", "nobody caught an error"],
    ["nobody awaited", "void Promise.reject(new Error('a bug'))", "nobody awaited a promise that failed"],
  ] as const) {
    it(`[LC4] reports an error that ${what}, goes in order, and tells its host by the exit code`, async () => {
      const dataDir = folders.make();
      const onSignal = `process.on("SIGUSR2", () => { ${bug}; })`;
      const server = run({ DATA_DIR: dataDir }, ["--import", `data:text/javascript,${encodeURIComponent(onSignal)}`]);
      await server.ready();
      const postmaster = postmasterIn(dataDir);
      server.process.kill("SIGUSR2");
      assert.deepEqual(await server.ended, { code: 1, signal: null });
      assert.match(server.words, new RegExp(`"a bug".*"message":"${words}"`));
      assert.equal(isAlive(postmaster), false);
    });
  }

  it("[CF3] refuses production on embedded parts, with every problem at once", async () => {
    const problem = await run({ NODE_ENV: "production", PORT: "http", DATA_DIR: folders.make() }).problem();
    assert.match(problem, /PORT: must be/);
    const embedded = await run({ NODE_ENV: "production", DATA_DIR: folders.make() }).problem();
    for (const name of ["DATABASE_URL", "JWT_PRIVATE_KEY", "APP_SECRET"])
      assert.match(embedded, new RegExp(`^ {2}${name}: .*ALLOW_EMBEDDED=1`, "m"));
  });

  it("[LC5] says in one line that its port is taken, and what to do", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? address?.port : 0;
    const problem = await run({ PORT: String(port), DATA_DIR: folders.make() }).problem();
    assert.equal(problem, `Port ${port} is taken: stop whoever has it, or choose another with PORT`);
    other.close();
  });

  it("[LC5] says in one line why its database will not do, and what to do", async () => {
    const { url, drop } = await emptyDatabase();
    const changed = (change: (url: URL) => void) => {
      const other = new URL(url);
      change(other);
      return other.href;
    };
    const cases: [Record<string, string>, RegExp][] = [
      [
        { DATABASE_URL: "postgres://a:tell-nobody@127.0.0.1:1/b" },
        /^127\.0\.0\.1:1 PostgreSQL does not answer there: start it, or mend DATABASE_URL$/,
      ],
      [{ DATABASE_URL: "postgres://a:tell-nobody@no-such-host.invalid/b" }, /^the host in DATABASE_URL has no address/],
      [
        { DATABASE_URL: changed((it) => (it.pathname = "/no_such_database")) },
        /^PostgreSQL has no such database: create it, or mend DATABASE_URL$/,
      ],
      [
        { DATABASE_URL: changed((it) => (it.password = "tell-nobody")) },
        /^PostgreSQL does not take the user or password: mend DATABASE_URL$/,
      ],
      [
        { DATABASE_URL: url, MIGRATE: "never" },
        /^MIGRATE=never, and the database lacks m0001-accounts, .*: run npm run db:migrate first$/,
      ],
      [{ DATABASE_URL: url, HOST: "203.0.113.7" }, /^We cannot listen on HOST 203\.0\.113\.7 \(EADDRNOTAVAIL\)/],
    ];
    for (const [env, words] of cases) {
      const failing = run({ DATA_DIR: folders.make(), ...env });
      assert.match(await failing.problem(), words);
      assert.doesNotMatch(failing.words, /tell-nobody|node:internal/);
    }
    await drop();
  });

  it("[LC2] runs on the PostgreSQL that DATABASE_URL names, and starts none of its own", async () => {
    const { url, drop } = await emptyDatabase();
    const dataDir = folders.make();
    const server = run({ DATABASE_URL: url, DATA_DIR: dataDir });
    assert.equal((await fetch(`${await server.ready()}/ready`)).status, 200);
    assert.match(server.words, /database: as DATABASE_URL says/);
    assert.throws(() => postmasterIn(dataDir));
    server.process.kill("SIGTERM");
    assert.deepEqual(await server.ended, { code: 0, signal: null });
    await drop();
  });
});

/** Until not a byte fits any more. */
function fill(file: string): void {
  for (const size of [1_000_000, 4096]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch {}
  }
}

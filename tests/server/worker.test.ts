import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DataFolders, eventually, one, ownerOf } from "../support/embedded.ts";
import { emptyDatabase } from "../support/postgres.ts";

const WORKER = join(import.meta.dirname, "../../server/worker.ts");

/** The real worker, as its host starts it. */
class Run {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown[]>;
  words = "";

  constructor(env: Readonly<Record<string, string>>) {
    const all = { PATH: process.env["PATH"], ...env };
    this.process = spawn(process.execPath, [WORKER], { env: all, stdio: ["ignore", "pipe", "pipe"] });
    for (const output of [this.process.stdout, this.process.stderr]) output?.on("data", (said) => (this.words += said));
    this.ended = once(this.process, "close");
  }

  async says(words: RegExp): Promise<void> {
    await eventually(() => words.test(this.words) || this.process.exitCode !== null, 15_000);
    assert.match(this.words, words);
  }
}

describe("the worker", () => {
  const folders = new DataFolders();
  const runs: Run[] = [];
  const run = (env: Readonly<Record<string, string>>) => {
    const started = new Run({ DATA_DIR: folders.make(), ...env });
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

  it("[JB4] does every job, stays, and ends in order when it is told to", async () => {
    const { url, drop } = await emptyDatabase();
    const worker = run({ DATABASE_URL: url, WORKER: "separate" });
    await worker.says(/working/);
    for (const job of ["message months", "ended sessions", "answered calls", "old news"]) {
      await worker.says(new RegExp(`"job":"${job}","outcome":"done"`));
    }
    assert.equal(worker.process.exitCode, null);
    const connections = "select count(*)::int - 1 from pg_stat_activity where datname = current_database()";
    worker.process.kill("SIGTERM");
    assert.deepEqual(await worker.ended, [0, null]);
    await eventually(async () => (await one(url, connections)) === 0);
    await drop();
  });

  it("[JB4] goes on when its connections break, and says that they did", async () => {
    const { url, drop } = await emptyDatabase();
    const worker = run({ DATABASE_URL: url });
    // The connections of its start are others, and break unheard.
    await worker.says(/working/);
    await one(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    // Whether it was asked something at that moment, or lay idle.
    await worker.says(/connections to PostgreSQL broke|PostgreSQL does not answer|a job failed/);
    assert.equal(worker.process.exitCode, null);
    worker.process.kill("SIGTERM");
    assert.deepEqual(await worker.ended, [0, null]);
    await drop();
  });

  it("[JB4] refuses the embedded database of a server that runs, and names that", async () => {
    const DATA_DIR = folders.make();
    const server = await ownerOf(DATA_DIR);
    const worker = run({ DATA_DIR });
    assert.deepEqual(await worker.ended, [1, null]);
    assert.match(worker.words, new RegExp(String(server.process.pid)));
    await server.kill();
  });
});

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { Entrance } from "./entrance.ts";
import { pooledDatabase } from "./pooled.ts";

export type { PairedUp, SignedUp } from "./entrance.ts";

const MAIN = join(import.meta.dirname, "../../server/main.ts");
/** A machine with much else to do takes long; what ends instead is known at once. */
const READY_MS = 120_000;
const LOOK_AGAIN_MS = 20;

/** The real server as a child process, on a folder of its own that outlives it. */
export class TestServer extends Entrance {
  readonly dataDir = mkdtempSync(join(tmpdir(), "twinship-server-"));
  readonly env: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;

  private constructor(port: number, env: Readonly<Record<string, string>>) {
    super(port);
    this.env = env;
    // Started by root, PostgreSQL runs as somebody else, who must get in.
    chmodSync(this.dataDir, 0o755);
  }

  static async create(env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
    return new TestServer(await freePort(), env["DATABASE_URL"] ? env : { ...(await pooledDatabase()), ...env });
  }

  get pid(): number {
    assert.ok(this.#process?.pid && this.isRunning, "the server runs");
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null;
  }

  /** Until it is ready; throws with its last words if it ends before. */
  async start(): Promise<void> {
    const server = this.launch();
    const deadline = Date.now() + READY_MS;
    while (!(await this.isReady())) {
      if (server.exitCode !== null || Date.now() > deadline) throw new Error(`It did not start:\n${this.log()}`);
      await wait(LOOK_AGAIN_MS);
    }
  }

  /** Started, and perhaps never ready. */
  launch(): ChildProcess {
    this.#process = this.spawn();
    return this.#process;
  }

  spawn(): ChildProcess {
    const { PATH, HOME } = process.env;
    const env = {
      PATH,
      HOME,
      PORT: String(this.port),
      HOST: "127.0.0.1",
      DATA_DIR: this.dataDir,
      ...QUICK,
      ...this.env,
    };
    const log = join(this.dataDir, "test.log");
    const shell = ["-c", `exec "$0" "$1" >>"${log}" 2>&1`, process.execPath, MAIN];
    return spawn("/bin/sh", shell, { env, stdio: "ignore" });
  }

  log(): string {
    const file = join(this.dataDir, "test.log");
    return existsSync(file) ? readFileSync(file, "utf8").slice(-4000) : "";
  }

  /** Nobody waits for what comes of it. */
  signal(signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
    process.kill(this.pid, signal);
  }

  /** Resolves with the exit code, or null if a signal ended it. */
  async end(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<number | null> {
    const server = this.#process;
    if (!server || server.exitCode !== null || server.signalCode !== null) return server?.exitCode ?? null;
    const ended = once(server, "exit");
    server.kill(signal);
    const [code] = await ended;
    return code;
  }

  async remove(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Nobody is to wait for limits that other tests are about. */
const QUICK = {
  RATE_LIMIT_MESSAGES_PER_MINUTE: "1000000",
  RATE_LIMIT_REQUESTS_PER_MINUTE: "1000000",
  LOG_LEVEL: "warn",
};

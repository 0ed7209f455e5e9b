import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";

const MAIN = join(import.meta.dirname, "../../server/main.ts");
const READY_MS = 30_000;
const LOOK_AGAIN_MS = 20;

/** Somebody who signed up over HTTP, as an app does. */
export interface SignedUp {
  readonly userId: string;
  readonly email: string;
  accessToken: string;
  refreshToken: string;
}

export interface PairedUp {
  readonly pairId: string;
  readonly ada: SignedUp;
  readonly bea: SignedUp;
}

/** The real server as a child process, on a folder of its own that outlives it. */
export class TestServer {
  readonly dataDir = mkdtempSync(join(tmpdir(), "twinship-server-"));
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #people = 0;

  private constructor(port: number, env: Readonly<Record<string, string>>) {
    this.port = port;
    this.env = env;
    // Started by root, PostgreSQL runs as somebody else, who must get in.
    chmodSync(this.dataDir, 0o755);
  }

  static async create(env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const address = probe.address();
    await new Promise((closed) => probe.close(closed));
    return new TestServer(typeof address === "object" && address ? address.port : 0, env);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    assert.ok(this.#process?.pid, "the server runs");
    return this.#process.pid;
  }

  /** Until it is ready; throws with its last words if it ends before. */
  async start(): Promise<void> {
    const server = this.spawn();
    this.#process = server;
    const deadline = Date.now() + READY_MS;
    while (!(await this.#isReady())) {
      if (server.exitCode !== null || Date.now() > deadline) throw new Error(`It did not start:\n${this.log()}`);
      await wait(LOOK_AGAIN_MS);
    }
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
    return readFileSync(join(this.dataDir, "test.log"), "utf8").slice(-4000);
  }

  /** Resolves with the exit code, or null if a signal ended it. */
  async end(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<number | null> {
    const server = this.#process;
    this.#process = undefined;
    if (!server || server.exitCode !== null) return server?.exitCode ?? null;
    const ended = once(server, "exit");
    server.kill(signal);
    const [code] = await ended;
    return code;
  }

  async remove(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/ready`)).ok;
    } catch {
      return false;
    }
  }

  async call(method: string, path: string, token?: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === "" ? {} : JSON.parse(text) };
  }

  async signUp(name: string): Promise<SignedUp> {
    const email = `${name.toLowerCase()}-${++this.#people}-${Date.now()}@example.org`;
    const form = { email, password: "Correct-horse-1", name };
    const { status, body } = await this.call("POST", "/api/v1/auth/register", undefined, form);
    assert.equal(status, 201, JSON.stringify(body));
    const { accessToken, refreshToken } = body.tokens;
    return { userId: body.user.id, email, accessToken, refreshToken };
  }

  /** Two who signed up and found each other by a code. */
  async pairUp(): Promise<PairedUp> {
    const [ada, bea] = await Promise.all([this.signUp("Ada"), this.signUp("Bea")]);
    const { body: made } = await this.call("POST", "/api/v1/twins/code", ada.accessToken);
    const { status, body } = await this.call("POST", "/api/v1/twins/pair", bea.accessToken, { code: made.code });
    assert.equal(status, 200, JSON.stringify(body));
    return { pairId: body.pairId, ada, bea };
  }

  clientOf({ accessToken }: Pick<SignedUp, "accessToken">): Client {
    const client = new Client(`ws://127.0.0.1:${this.port}`);
    client.auth.token = accessToken;
    return client;
  }

  /** As an app does: a stock client, signed in, asking for "pair". */
  async join(who: Pick<SignedUp, "accessToken">, options: object = {}): Promise<Room> {
    const room = await this.clientOf(who).joinOrCreate("pair", options);
    room.reconnection.enabled = false;
    return room;
  }
}

/** Nobody is to wait for limits that other tests are about. */
const QUICK = {
  RATE_LIMIT_MESSAGES_PER_MINUTE: "1000000",
  RATE_LIMIT_REQUESTS_PER_MINUTE: "1000000",
  LOG_LEVEL: "warn",
};

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import type { AccessTokens } from "../domain/ports.ts";
import { SessionId, UserId } from "../schema/wire/ids.ts";
import { startEmbedded } from "../server/adapters/database/embedded.ts";
import { type OpenedDatabase, openDatabase } from "../server/adapters/database/open.ts";
import { rs256Tokens } from "../server/adapters/sessions/access-tokens.ts";
import { newPrivateKey, signingKeys } from "../server/adapters/sessions/signing-keys.ts";

const ROOT = join(import.meta.dirname, "..");
const ISSUER = "http://localhost:3000";
const HOUR_S = 3600;
const silent = { info: () => undefined, warn: () => undefined };

export interface Memory {
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly rss: number;
}

/** A PostgreSQL with as many pairs as are wanted, and the real server on it as a process of its own. */
export class BenchWorld {
  readonly pairs: number;
  readonly #folder: string;
  readonly #stop: () => Promise<void>;
  readonly #opened: OpenedDatabase;
  readonly #tokens: AccessTokens;
  readonly #server: ChildProcess;
  readonly #postgresPid: () => number | undefined;
  readonly port: number;

  private constructor(of: {
    pairs: number;
    folder: string;
    stop: () => Promise<void>;
    opened: OpenedDatabase;
    tokens: AccessTokens;
    server: ChildProcess;
    postgresPid: () => number | undefined;
    port: number;
  }) {
    this.pairs = of.pairs;
    this.#folder = of.folder;
    this.#stop = of.stop;
    this.#opened = of.opened;
    this.#tokens = of.tokens;
    this.#server = of.server;
    this.#postgresPid = of.postgresPid;
    this.port = of.port;
  }

  static async open(pairs: number): Promise<BenchWorld> {
    const folder = mkdtempSync(join(tmpdir(), "twinship-bench-"));
    // Started by root, PostgreSQL runs as somebody else, who must get in.
    chmodSync(folder, 0o755);
    const postgres = await startEmbedded(folder);
    const opened = await openDatabase({ url: postgres.url, migrate: "auto", connections: 10, log: silent });
    await populate(opened, pairs);
    const key = newPrivateKey();
    const keys = await signingKeys([key]);
    const tokens = rs256Tokens({ keys, issuer: ISSUER, audience: "twinship", lifeSeconds: HOUR_S });
    const env = {
      ...process.env,
      DATABASE_URL: postgres.url,
      JWT_PRIVATE_KEY: key,
      PUBLIC_URL: ISSUER,
      PORT: "0",
      HOST: "127.0.0.1",
      DATA_DIR: folder,
      LOG_LEVEL: "info",
      RATE_LIMIT_MESSAGES_PER_MINUTE: "100000000",
      RATE_LIMIT_REQUESTS_PER_MINUTE: "100000000",
    };
    const args = ["--expose-gc", "--import", join(ROOT, "bench/probe.ts"), join(ROOT, "server/main.ts")];
    const server = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit", "ipc"] });
    const port = await portOf(server);
    const { stop, pid: postgresPid } = postgres;
    return new BenchWorld({ pairs, folder, stop, opened, tokens, server, postgresPid, port });
  }

  get serverPid(): number | undefined {
    return this.#server.pid;
  }

  /** Of the one that PostgreSQL's other processes are children of. */
  get postgresPid(): number | undefined {
    return this.#postgresPid();
  }

  tokenOf(pair: number, twin: 0 | 1): string {
    const holder = { userId: userId(pair, twin), sessionId: sessionOf(pair, twin) };
    return this.#tokens.issue(holder, Date.now()).token;
  }

  /** One of the two of a pair, at a device, in the room. */
  async join(pair: number, twin: 0 | 1, deviceId: string): Promise<Room> {
    const client = new Client(`ws://127.0.0.1:${this.port}`);
    client.auth.token = this.tokenOf(pair, twin);
    const room = await client.joinOrCreate("pair", { deviceId });
    room.reconnection.enabled = false;
    room.onMessage("*", () => undefined);
    return room;
  }

  /** Heap and buffers, with everything unneeded gone. */
  async memory(): Promise<Memory> {
    this.#server.send("memory");
    for (;;) {
      const [memory] = await once(this.#server, "message");
      // Others in the process have something to say to a parent as well.
      if (typeof memory === "object" && memory !== null && "heapUsed" in memory) return memory;
    }
  }

  /** Seconds of CPU the server has used so far. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#server.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async close(): Promise<void> {
    const ended = once(this.#server, "exit");
    this.#server.kill("SIGTERM");
    await ended;
    await this.#opened.close();
    await this.#stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const uuid = (kind: number, n: number) =>
  `${String(kind).padStart(8, "0")}-0000-7000-8000-${String(n).padStart(12, "0")}`;
export const userId = (pair: number, twin: 0 | 1) => UserId.parse(uuid(1, 2 * pair + twin));
export const sessionOf = (pair: number, twin: 0 | 1) => SessionId.parse(uuid(2, 2 * pair + twin));

/** Pairs numbered `from` to below `pairs`, signed in, as signing up would make them, without hashing their passwords. */
export async function populate({ pool }: Pick<OpenedDatabase, "pool">, pairs: number, from = 0): Promise<void> {
  const of = (kind: number, n: string) =>
    `('${String(kind).padStart(8, "0")}-0000-7000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;
  await pool.query(`
    insert into users (id, email, email_key, password_hash, name, accent_color, timezone, show_sexual_orientation, twin_deceased, created_at, updated_at)
    select ${of(1, "n")}, n || '@example.org', n || '@example.org', '', 'Twin ' || n, 'neon-purple', 'UTC', false, false, now(), now()
    from generate_series(${2 * from}, ${2 * pairs - 1}) n`);
  await pool.query(`
    insert into sessions (id, user_id, created_at, last_used_at, expires_at)
    select ${of(2, "n")}, ${of(1, "n")}, now(), now(), now() + interval '1 day' from generate_series(${2 * from}, ${2 * pairs - 1}) n`);
  await pool.query(`
    insert into pairs (id, low_user_id, high_user_id, status, paired_at)
    select ${of(3, "n")}, ${of(1, "2 * n")}, ${of(1, "2 * n + 1")}, 'open', now() from generate_series(${from}, ${pairs - 1}) n`);
  await pool.query(`
    insert into pair_members (pair_id, user_id, is_active)
    select ${of(3, "n / 2")}, ${of(1, "n")}, true from generate_series(${2 * from}, ${2 * pairs - 1}) n`);
  await pool.query(
    `insert into pair_rooms (pair_id) select ${of(3, "n")} from generate_series(${from}, ${pairs - 1}) n`,
  );
}

/** It says so when it is ready. */
async function portOf(server: ChildProcess): Promise<number> {
  let said = "";
  server.stdout?.on("data", (chunk) => {
    said += chunk;
  });
  for (let tries = 0; tries < 1000 && server.exitCode === null; tries++) {
    const ready = said.split("\n").find((line) => line.includes('"port":') && line.includes("ready"));
    if (ready) return Number(JSON.parse(ready).port);
    await wait(20);
  }
  throw new Error(`The server did not start:\n${said}`);
}

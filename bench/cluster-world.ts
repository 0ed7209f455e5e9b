import { type ChildProcess, fork, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { AccessTokens } from "../domain/ports.ts";
import { type EmbeddedPostgres, startEmbedded } from "../server/adapters/database/embedded.ts";
import { type OpenedDatabase, openDatabase } from "../server/adapters/database/open.ts";
import { freePort } from "../server/adapters/database/postmaster.ts";
import { rs256Tokens } from "../server/adapters/sessions/access-tokens.ts";
import { newPrivateKey, signingKeys } from "../server/adapters/sessions/signing-keys.ts";
import { cpuSecondsOf, cpuSecondsOfFamily } from "./cluster-cpu.ts";
import { remember } from "./cluster-history.ts";
import { populate, sessionOf, userId } from "./world.ts";

const ROOT = join(import.meta.dirname, "..");
const ISSUER = "http://localhost:3000";
const READY_MS = 60_000;
const LOOK_AGAIN_MS = 50;
const CONNECTIONS_A_NODE = 12;
const OWN_CONNECTIONS = 10;

const silent = { info: () => undefined, warn: () => undefined };

export interface ClusterSize {
  readonly nodes: number;
  readonly pairs: number;
  /** Each pair's past. */
  readonly messages: number;
  /** More of the nodes' settings. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Seconds of CPU used so far. */
export interface Cpu {
  readonly nodes: number;
  readonly postgres: number;
  readonly balancer: number;
  /** This process: whatever load it makes. */
  readonly load: number;
}

interface Parts {
  readonly folder: string;
  readonly postgres: EmbeddedPostgres;
  readonly opened: OpenedDatabase;
  readonly tokens: AccessTokens;
  readonly port: number;
  readonly balancer: ChildProcess;
  readonly ports: readonly number[];
  readonly env: NodeJS.ProcessEnv;
  readonly messages: number;
}

/** Nodes as processes of their own, on one PostgreSQL with as many pairs as are wanted, behind a balancer. */
export class ClusterWorld {
  readonly #parts: Parts;
  readonly #nodes: (ChildProcess | undefined)[] = [];
  #pairs = 0;
  /** Of nodes that are gone. */
  #nodesSpent = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async open({ nodes, pairs, messages, settings }: ClusterSize): Promise<ClusterWorld> {
    const folder = mkdtempSync(join(tmpdir(), "twinship-bench-"));
    // Started by root, PostgreSQL runs as somebody else, who must get in.
    chmodSync(folder, 0o755);
    const postgres = await startEmbedded(folder, { connections: nodes * CONNECTIONS_A_NODE + OWN_CONNECTIONS });
    const opened = await openDatabase({
      url: postgres.url,
      migrate: "auto",
      connections: OWN_CONNECTIONS,
      log: silent,
    });
    const key = newPrivateKey();
    const keys = await signingKeys([key]);
    const tokens = rs256Tokens({ keys, issuer: ISSUER, audience: "twinship", lifeSeconds: 36_000 });
    const ports: number[] = [];
    for (let n = 0; n < nodes; n++) ports.push(await freePort());
    const port = await freePort();
    const balancer = fork(join(ROOT, "bench/cluster-balancer.ts"), [port, ...ports].map(String));
    const env = { ...process.env, ...environment(), ...settings, DATABASE_URL: postgres.url, JWT_PRIVATE_KEY: key };
    const world = new ClusterWorld({ folder, postgres, opened, tokens, port, balancer, ports, env, messages });
    await world.grow(pairs);
    await Promise.all(ports.map((_, n) => world.start(n)));
    while (!(await isReady(port))) await wait(LOOK_AGAIN_MS);
    return world;
  }

  /** The balancer's. */
  get port(): number {
    return this.#parts.port;
  }

  /** A node's own, in turn: a balancer holds two sockets for each that it passes on, and a machine has only so many. */
  portFor(n: number): number {
    const { ports, port } = this.#parts;
    return ports[n % ports.length] ?? port;
  }

  get nodes(): number {
    return this.#parts.ports.length;
  }

  /** More pairs, until there are so many. */
  async grow(pairs: number): Promise<void> {
    const { opened, messages } = this.#parts;
    await populate(opened, pairs, this.#pairs);
    await remember(opened, { from: this.#pairs, pairs, messages });
    this.#pairs = pairs;
  }

  /** Until it is ready, and the balancer knows. */
  async start(n: number): Promise<void> {
    const { env, ports, folder } = this.#parts;
    const port = ports[n];
    const log = openSync(join(folder, `node-${n}.log`), "a");
    const own = { PORT: String(port), NODE_ADDRESS: `127.0.0.1:${port}`, DATA_DIR: join(folder, `node-${n}`) };
    const extra = (process.env["BENCH_NODE_OPTIONS"] ?? "").split(" ").filter(Boolean);
    const node = spawn(process.execPath, [...extra, join(ROOT, "server/main.ts")], {
      env: { ...env, ...own },
      stdio: ["ignore", log, log],
    });
    this.#nodes[n] = node;
    const deadline = performance.now() + READY_MS;
    while (!(await isReady(port))) {
      if (node.exitCode !== null || performance.now() > deadline) throw new Error(`Node ${n}:\n${this.log(n)}`);
      await wait(LOOK_AGAIN_MS);
    }
  }

  async end(n: number, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const node = this.#nodes[n];
    this.#nodes[n] = undefined;
    if (!node || node.exitCode !== null || node.signalCode !== null) return;
    const ended = once(node, "exit");
    this.#nodesSpent += cpuSecondsOf(node.pid);
    node.kill(signal);
    await ended;
  }

  log(n: number): string {
    return readFileSync(join(this.#parts.folder, `node-${n}.log`), "utf8").slice(-4000);
  }

  tokenOf(pair: number, twin: 0 | 1): string {
    const holder = { userId: userId(pair, twin), sessionId: sessionOf(pair, twin) };
    return this.#parts.tokens.issue(holder, Date.now()).token;
  }

  /** The line of history that versions belong to, as devices carry it. */
  async history(): Promise<string> {
    const newest = "select id from history_lines order by made_at desc limit 1";
    const { rows } = await this.#parts.opened.pool.query<{ id: string }>(newest);
    return rows[0]?.id ?? "";
  }

  /** Pairs that somebody owns: rooms that are alive. */
  async rooms(): Promise<number> {
    const owned = "select count(*)::int as rooms from pair_rooms where owner is not null";
    const { rows } = await this.#parts.opened.pool.query<{ rooms: number }>(owned);
    return rows[0]?.rooms ?? 0;
  }

  get pool(): OpenedDatabase["pool"] {
    return this.#parts.opened.pool;
  }

  cpu(): Cpu {
    const { postgres, balancer } = this.#parts;
    const { user, system } = process.cpuUsage();
    return {
      nodes: this.#nodes.reduce((sum, node) => sum + cpuSecondsOf(node?.pid), this.#nodesSpent),
      postgres: cpuSecondsOfFamily(postgres.pid()),
      balancer: cpuSecondsOf(balancer.pid),
      load: (user + system) / 1e6,
    };
  }

  async close(): Promise<void> {
    const { balancer, opened, postgres, folder } = this.#parts;
    balancer.kill("SIGKILL");
    await Promise.all(this.#nodes.map((_, n) => this.end(n, "SIGTERM")));
    await opened.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What every node has in common. */
function environment() {
  return {
    PUBLIC_URL: ISSUER,
    HOST: "127.0.0.1",
    CLUSTER_KEY: randomBytes(32).toString("hex"),
    APP_SECRET: randomBytes(32).toString("hex"),
    DB_MAX_CONNECTIONS: String(CONNECTIONS_A_NODE),
    RATE_LIMIT_MESSAGES_PER_MINUTE: "100000000",
    RATE_LIMIT_REQUESTS_PER_MINUTE: "100000000",
    LOG_LEVEL: "warn",
  };
}

async function isReady(port: number | undefined): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
  } catch {
    return false;
  }
}

export const cpuBetween = (before: Cpu, after: Cpu): Cpu => ({
  nodes: after.nodes - before.nodes,
  postgres: after.postgres - before.postgres,
  balancer: after.balancer - before.balancer,
  load: after.load - before.load,
});

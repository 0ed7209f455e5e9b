import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import type { Binaries } from "../../server/adapters/database/binaries.ts";
import { type RunAs, settle } from "../../server/adapters/database/embedded-home.ts";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { startWatchdog, type Watchdog } from "../../server/adapters/database/watchdog.ts";
import type { Authority } from "./authority.ts";
import { eventually, mounted } from "./embedded.ts";

/** Where Debian puts PostgreSQL 15: what most of those who run us run. */
const DEBIAN = "/usr/lib/postgresql/15/bin";

const PASSWORD = "for these tests only";
const CONNECTIONS = 120;
const START_MS = 30_000;
const AGAIN_MS = 20;

/** Smart would wait for us to go; `kill` is what a machine that runs out of memory does to all of it at once. */
export type StopHow = "fast" | "immediate" | "kill";

const SIGNALS = { fast: "SIGINT", immediate: "SIGQUIT", kill: "SIGKILL" } as const;

export interface ServedOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Its disk has so many MiB; only root can have that. */
  readonly diskMb?: number;
}

/** A real PostgreSQL of one's own, that a test may end, freeze, fill and start again on the same port. */
export class ServedPostgres {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #isMounted: boolean;
  readonly #binaries: Binaries;
  readonly #as: RunAs;
  readonly #settings: readonly string[];
  readonly #watchdog: Watchdog;
  #server: ChildProcess | undefined;

  private constructor(of: {
    folder: string;
    isMounted: boolean;
    binaries: Binaries;
    as: RunAs;
    port: number;
    settings: readonly string[];
    isTlsOnly: boolean;
  }) {
    this.#folder = of.folder;
    this.#isMounted = of.isMounted;
    this.#binaries = of.binaries;
    this.#as = of.as;
    this.#settings = of.settings;
    this.port = of.port;
    this.url = `postgres://twinship:${encodeURIComponent(PASSWORD)}@127.0.0.1:${of.port}/postgres${of.isTlsOnly ? "?sslmode=no-verify" : ""}`;
    this.#watchdog = startWatchdog(this.#data);
  }

  /** Undefined where it must have a small disk and this machine cannot give it one. */
  static async startOnSmallDisk(diskMb: number): Promise<ServedPostgres | undefined> {
    const folder = newFolder();
    if (mounted(folder, `size=${diskMb}m`)) return ServedPostgres.#startIn(folder, true, { wal_keep_size: "0" });
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }

  static start(settings: Readonly<Record<string, string>> = {}): Promise<ServedPostgres> {
    return ServedPostgres.#startIn(newFolder(), false, settings);
  }

  /** Who comes in the open is not let in. */
  static startTlsOnly(authority: Authority, names: readonly string[]): Promise<ServedPostgres> {
    const { certificate, key } = authority.certify(names);
    const hba = authority.write("pg_hba.conf", "hostssl all all all scram-sha-256\n");
    return ServedPostgres.start({
      ...{ ssl: "on", ssl_cert_file: certificate, ssl_key_file: key },
      ...{ hba_file: hba, listen_addresses: "127.0.0.1,::1" },
    });
  }

  static async #startIn(folder: string, isMounted: boolean, settings: Readonly<Record<string, string>>) {
    const { binaries, as } = programsFor(folder);
    const port = await freePort();
    await initialise(binaries.initdb, folder, as);
    const own = { max_connections: String(CONNECTIONS), jit: "off", max_wal_size: "64MB", min_wal_size: "2MB" };
    const all = { ...own, listen_addresses: "127.0.0.1", unix_socket_directories: "", ...settings };
    const isTlsOnly = settings["ssl"] === "on";
    const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const postgres = new ServedPostgres({ folder, isMounted, binaries, as, port, settings: flags, isTlsOnly });
    try {
      await postgres.start();
    } catch (error) {
      await postgres.remove();
      throw error;
    }
    return postgres;
  }

  /** Until it answers. */
  async start(): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const server = this.#spawn();
      this.#server = server;
      this.#watchdog.watch(server.pid);
      await eventually(async () => hasEnded(server) || (await this.answers()), START_MS);
      if (!hasEnded(server)) return;
      // What a killed one left behind may take a moment to go.
      if (performance.now() > deadline) throw new Error(readFileSync(join(this.#folder, "server.log"), "utf8"));
      await wait(AGAIN_MS);
    }
  }

  async stop(how: StopHow): Promise<void> {
    const server = this.#server;
    if (!server || hasEnded(server)) return;
    const ended = once(server, "exit");
    // Its children live on when it is killed, until they notice.
    const all = how === "kill" ? [server.pid, ...childrenOf(server.pid)] : [server.pid];
    for (const pid of all) send(pid, SIGNALS[how]);
    await ended;
  }

  async restart(how: StopHow): Promise<void> {
    await this.stop(how);
    await this.start();
  }

  /** It and everybody who works for it stand still, as on a machine that swaps. */
  freeze(): void {
    for (const pid of this.#everybody()) send(pid, "SIGSTOP");
  }

  thaw(): void {
    for (const pid of this.#everybody()) send(pid, "SIGCONT");
  }

  async query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await this.connect();
    try {
      return (await client.query<Row>(sql, [...values])).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async connect(): Promise<pg.Client> {
    const client = new pg.Client(this.url);
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** Does that in a transaction which then does nothing, as somebody does who went to lunch. Resolves with the way to end it. */
  async holding(sql: string, values: readonly unknown[] = []): Promise<() => Promise<void>> {
    const client = await this.connect();
    await client.query("begin");
    await client.query(sql, [...values]);
    return async () => {
      await client.query("rollback").catch(() => undefined);
      await client.end().catch(() => undefined);
    };
  }

  /** Takes every connection there is, and each that becomes free, until told to let go. */
  async crowd(): Promise<{ readonly taken: () => number; leave(): Promise<void> }> {
    const taken: pg.Client[] = [];
    let isOver = false;
    const take = async () => {
      while (!isOver) {
        try {
          taken.push(await this.connect());
        } catch {
          await wait(AGAIN_MS);
        }
      }
    };
    const taking = Promise.all([take(), take(), take(), take()]);
    const leave = async () => {
      isOver = true;
      await taking;
      await Promise.all(taken.map((client) => client.end().catch(() => undefined)));
    };
    return { taken: () => taken.length, leave };
  }

  /** Writes until nothing fits any more. Resolves with the way to make room again. */
  fillDisk(): () => void {
    if (!this.#isMounted) throw new Error("This PostgreSQL shares its disk with others");
    const ballast = join(this.#folder, "ballast");
    const { bsize, bfree } = statfsSync(this.#folder);
    try {
      writeFileSync(ballast, Buffer.alloc(bsize * bfree));
    } catch {
      // Somebody else took the last of it.
    }
    return () => rmSync(ballast, { force: true });
  }

  log(): string {
    return readFileSync(join(this.#folder, "server.log"), "utf8");
  }

  async remove(): Promise<void> {
    if (this.#server && !hasEnded(this.#server)) this.thaw();
    await this.stop("immediate");
    this.#watchdog.dismiss();
    if (this.#isMounted) execFileSync("umount", ["--lazy", this.#folder]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async answers(): Promise<boolean> {
    try {
      await this.query("select 1");
      return true;
    } catch {
      return false;
    }
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  #spawn(): ChildProcess {
    const log = openSync(join(this.#folder, "server.log"), "a");
    const how = ["-D", this.#data, "-p", String(this.port), ...this.#settings];
    try {
      return spawn(this.#binaries.postgres, how, { ...this.#as, cwd: "/", stdio: ["ignore", log, log] });
    } finally {
      closeSync(log);
    }
  }

  #everybody(): (number | undefined)[] {
    return [this.#server?.pid, ...childrenOf(this.#server?.pid)];
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "twinship-served-"));
  // Started by root, PostgreSQL runs as somebody else, who must get in.
  chmodSync(folder, 0o755);
  return folder;
}

/** Debian's, or those that come with us. */
function programsFor(folder: string): { binaries: Binaries; as: RunAs } {
  const { binaries, as } = settle(folder);
  if (!existsSync(join(DEBIAN, "initdb"))) return { binaries, as };
  return { as, binaries: { initdb: join(DEBIAN, "initdb"), postgres: join(DEBIAN, "postgres") } };
}

async function initialise(initdb: string, folder: string, as: RunAs): Promise<void> {
  const secret = join(folder, "password");
  const data = join(folder, "data");
  writeFileSync(secret, PASSWORD);
  mkdirSync(data, { mode: 0o700 });
  if (as.uid !== undefined) for (const path of [secret, data]) chownSync(path, as.uid, as.gid);
  const access = ["--username=twinship", "--auth=scram-sha-256", `--pwfile=${secret}`];
  const how = ["--locale=C", "--encoding=UTF8", "--no-sync", "--wal-segsize=1"];
  await promisify(execFile)(initdb, ["-D", data, ...access, ...how], { ...as, cwd: "/" });
}

/** Linux tells; elsewhere those it has forked follow it by themselves. */
function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function send(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch {
    // It went by itself.
  }
}

import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { startWatchdog, type Watchdog } from "../../server/adapters/database/watchdog.ts";
import { eventually } from "./embedded.ts";

/** Where Debian puts PostgreSQL 15, with the programs that make backups; none come with us. */
const PROGRAMS = "/usr/lib/postgresql/15/bin";

const USER = "twinship";
const PASSWORD = "for-these-tests-only";
const START_MS = 30_000;

/** Loud on a desk, a failure where it counts. */
export function canHaveStandbys(): boolean {
  const isThere = existsSync(join(PROGRAMS, "pg_basebackup"));
  if (!isThere)
    console.error("\n!!! no PostgreSQL 15 with pg_basebackup: standbys are NOT tested: apt-get install postgresql\n");
  if (!isThere && process.env["CI"] === "true") throw new Error("PostgreSQL 15 and its programs are missing");
  return isThere;
}

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  max_wal_size: "64MB",
  shared_buffers: "32MB",
  jit: "off",
};

/** A PostgreSQL that can have standbys, and be one. */
export class Postgres15 {
  readonly folder: string;
  readonly port: number;
  readonly #watchdog: Watchdog;
  #server: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.#watchdog = startWatchdog(this.data);
  }

  /** On a cluster that somebody makes in a folder, which PostgreSQL's own user may write to. */
  static async on(make: (folder: string) => Promise<void>): Promise<Postgres15> {
    const folder = mkdtempSync(join(tmpdir(), "twinship-standby-"));
    own(folder);
    await make(folder);
    return new Postgres15(folder, await freePort());
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Postgres15> {
    const postgres = await Postgres15.on(async (folder) => {
      const secret = join(folder, "password");
      writeFileSync(secret, PASSWORD);
      const access = [`--username=${USER}`, "--auth=scram-sha-256", `--pwfile=${secret}`];
      await program("initdb", ["-D", join(folder, "data"), ...access, "--locale=C", "--encoding=UTF8", "--no-sync"]);
    });
    postgres.set({ ...SETTINGS, ...settings });
    await postgres.start();
    return postgres;
  }

  get data(): string {
    return join(this.folder, "data");
  }

  /** Where it or, behind a proxy, its successor is. */
  urlAt(port: number): string {
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`;
  }

  get url(): string {
    return this.urlAt(this.port);
  }

  /** From its next start on. */
  set(settings: Readonly<Record<string, string>>): void {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
    this.addSettings(lines.join(""));
  }

  /** The same, as they stand in its file. */
  addSettings(lines: string): void {
    appendFileSync(join(this.data, "postgresql.conf"), lines);
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Until it answers. */
  async start(): Promise<void> {
    const log = openSync(join(this.folder, "server.log"), "a");
    const server = spawn(join(PROGRAMS, "postgres"), ["-D", this.data, "-p", String(this.port)], {
      ...ordinaryUser(),
      cwd: "/",
      stdio: ["ignore", log, log],
    });
    this.#server = server;
    this.#watchdog.watch(server.pid);
    await eventually(async () => hasEnded(server) || (await this.#answers()), START_MS);
    if (hasEnded(server)) throw new Error(this.log());
  }

  /** A standby that follows it, and has all that it has. */
  async standby(name: string): Promise<Postgres15> {
    const standby = await Postgres15.on(async (folder) => {
      const from = `${this.url}?application_name=${name}`;
      const how = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"];
      await program("pg_basebackup", ["-d", from, "-D", join(folder, "data"), ...how]);
    });
    await standby.start();
    await this.isFollowedBy(standby);
    return standby;
  }

  /** Until that standby has everything written so far. */
  async isFollowedBy(standby: Postgres15): Promise<void> {
    const { here } = await this.one<{ here: string }>("select pg_current_wal_flush_lsn() as here");
    await eventually(async () => {
      const { isThere } = await standby.one<{ isThere: boolean | null }>(
        `select pg_last_wal_replay_lsn() >= '${here}' as "isThere"`,
      );
      return isThere === true;
    });
  }

  /** Hears nothing more from its primary. */
  async stopFollowing(): Promise<void> {
    await this.query("alter system set primary_conninfo = ''");
    await this.query("select pg_reload_conf()");
    await eventually(async () => (await this.query("select from pg_stat_wal_receiver")).length === 0);
  }

  /** Follows that one from now on. */
  async follow(primary: Postgres15): Promise<void> {
    await this.query(`alter system set primary_conninfo = '${primary.url}'`);
    await this.query("select pg_reload_conf()");
  }

  /** Until it takes writes. */
  async promote(): Promise<void> {
    await this.query("select pg_promote(true)");
  }

  /** As when its machine loses power. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (!server || hasEnded(server)) return;
    const ended = once(server, "exit");
    // Those it made live on when it is killed, until they notice.
    for (const pid of [...childrenOf(server.pid), server.pid]) kill(pid);
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    this.#watchdog.dismiss();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async query<R extends pg.QueryResultRow>(sql: string): Promise<R[]> {
    const client = new pg.Client(this.url);
    client.on("error", () => undefined);
    try {
      await client.connect();
      return (await client.query<R>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The only row of an answer. */
  async one<R extends pg.QueryResultRow>(sql: string): Promise<R> {
    const [row] = await this.query<R>(sql);
    if (!row) throw new Error(`No row: ${sql}`);
    return row;
  }

  log(): string {
    return readFileSync(join(this.folder, "server.log"), "utf8");
  }

  async #answers(): Promise<boolean> {
    return this.query("select 1").then(
      () => true,
      () => false,
    );
  }
}

/** Runs one of PostgreSQL's programs as an operator does. */
export async function program(name: string, options: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(PROGRAMS, name), [...options], { ...ordinaryUser(), cwd: "/" });
  return stdout;
}

/** Runs a line of shell as PostgreSQL's own user does, with its programs at hand. */
export async function shell(line: string, env: Readonly<Record<string, string>>): Promise<string> {
  const options = { ...ordinaryUser(), cwd: "/", env: { ...env, PATH: `${PROGRAMS}:/usr/bin:/bin` } };
  return (await promisify(execFile)("/bin/sh", ["-ec", line], options)).stdout;
}

/** A folder that PostgreSQL's own user may write to. */
export function folderIn(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { mode: 0o700 });
  own(folder);
  return folder;
}

function own(folder: string): void {
  const as = ordinaryUser();
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid);
}

/** PostgreSQL does not run as root. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {};
  const id = (kind: string) => Number(execFileSync("id", [kind, "postgres"]).toString());
  return { uid: id("-u"), gid: id("-g") };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

/** Linux tells; elsewhere those it has made end by themselves. */
function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } catch {
    // It went by itself.
  }
}

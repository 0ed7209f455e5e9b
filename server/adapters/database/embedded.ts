import type { ChildProcess } from "node:child_process";
import { existsSync, type FSWatcher, mkdirSync, realpathSync, watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { OperatorProblem } from "../../operator-problem.ts";
import { type Cluster, clusterOf, USER } from "./embedded-cluster.ts";
import { type Home, settle } from "./embedded-home.ts";
import { takeFolder } from "./embedded-owner.ts";
import { end, endLeftover, freePort, type Launch, lastWords, launch } from "./postmaster.ts";
import { startWatchdog, type Watchdog } from "./watchdog.ts";

export interface EmbeddedOptions {
  /** How many connections it takes. */
  readonly connections?: number;
  readonly log?: EmbeddedLog;
  /** Over our own: for who wants to see what a worse PostgreSQL does. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface EmbeddedPostgres {
  readonly url: string;
  /** Where its cluster lives; not in the data folder if its user may not go there. */
  readonly folder: string;
  /** The postmaster at present. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

const CONNECTIONS = 40;

/** Some are PostgreSQL's own, and some are for who looks in. */
const SPARE_CONNECTIONS = 10;

const PORT_TRIES = 3;

/** How long we wait before starting it again: at first at once, then more and more rarely. */
const AGAIN_MS = { first: 100, most: 15_000 };

const silent: EmbeddedLog = { info: () => undefined, error: () => undefined };

/**
 * A real PostgreSQL of our own, its data in `dataDir`, on loopback, behind a password. It lives as long as we do: it is
 * started again if it dies, and a watchdog ends it when we die, however we die; one that was left behind all the same is
 * ended before ours starts. Throws an error that says in one line what to do.
 */
export async function startEmbedded(dataDir: string, options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const { log = silent } = options;
  const folder = prepare(dataDir);
  const release = claim(folder);
  try {
    const home = settle(folder);
    const onMake = () => log.info({ folder: home.folder }, "setting up a PostgreSQL, this once");
    const cluster = await clusterOf(home, onMake);
    await endLeftover(cluster.folder);
    const server = new Supervised(home, cluster, options);
    await server.start();
    return server.handle(release);
  } catch (error) {
    release();
    throw withAdvice(error, folder);
  }
}

function prepare(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true });
    return realpathSync(dataDir);
  } catch (error) {
    throw withAdvice(error, dataDir);
  }
}

function claim(folder: string): () => void {
  try {
    return takeFolder(folder);
  } catch (error) {
    throw withAdvice(error, folder);
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "we may not write there",
  EPERM: "we may not write there",
  EROFS: "it is on a file system that is read-only",
  ENOSPC: "its disk is full",
  EDQUOT: "our quota of its disk is used up",
  ENOTDIR: "a part of its path is no folder",
  EEXIST: "it is no folder",
  ENOENT: "it cannot be made",
};

/** What the system calls by a code, in words, with a way out. */
function withAdvice(error: unknown, dataDir: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const advice = ADVICE[code];
  if (!advice) return error;
  return new OperatorProblem(
    `DATA_DIR ${dataDir} does not do (${advice}): choose another folder with DATA_DIR, or set DATABASE_URL`,
    {
      cause: error,
    },
  );
}

/** A PostgreSQL that is started again when it dies, on the same port, so that those who were connected find it. */
class Supervised {
  readonly #home: Home;
  readonly #cluster: Cluster;
  readonly #how: Omit<Launch, "port">;
  readonly #log: EmbeddedLog;
  readonly #watchdog: Watchdog;
  readonly #stopping = new AbortController();
  #port = 0;
  #server: ChildProcess | undefined;
  #reviving: Promise<void> | undefined;
  #folderWatch: FSWatcher | undefined;

  constructor(
    home: Home,
    cluster: Cluster,
    { connections = CONNECTIONS, log = silent, settings = {} }: EmbeddedOptions,
  ) {
    this.#home = home;
    this.#cluster = cluster;
    this.#how = { connections: connections + SPARE_CONNECTIONS, settings };
    this.#log = log;
    this.#watchdog = startWatchdog(cluster.folder);
  }

  /** Between our finding a port and its taking it, somebody else may. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#port = await freePort();
      try {
        await this.#launch();
        return this.#watchFolder();
      } catch (error) {
        const wasTaken = error instanceof Error && /could not (?:bind|create any TCP)/.test(error.message);
        if (tries < PORT_TRIES && wasTaken) continue;
        this.#watchdog.dismiss();
        throw error;
      }
    }
  }

  handle(release: () => void): EmbeddedPostgres {
    const url = `postgres://${USER}:${this.#cluster.password}@127.0.0.1:${this.#port}/postgres`;
    const stop = async () => {
      await this.#stop();
      release();
    };
    return { url, folder: this.#cluster.folder, pid: () => this.#server?.pid, stop };
  }

  async #launch(): Promise<void> {
    const server = await launch(this.#home, this.#cluster, { port: this.#port, ...this.#how });
    this.#server = server;
    this.#watchdog.watch(server.pid);
    server.once("exit", () => this.#onExit());
    if (server.exitCode !== null || server.signalCode !== null) this.#onExit();
  }

  #onExit(): void {
    this.#watchdog.watch(undefined);
    this.#server = undefined;
    if (this.#stopping.signal.aborted) return;
    this.#reviving ??= this.#revive().finally(() => {
      this.#reviving = undefined;
    });
  }

  /** A folder that was taken away takes what is written in it along; better not to answer at all. */
  #watchFolder(): void {
    try {
      const version = join(this.#cluster.folder, "PG_VERSION");
      const onChange = () => void (existsSync(version) || this.#giveUp());
      this.#folderWatch = watch(version, { persistent: false }, onChange).on("error", () => undefined);
    } catch {
      // Without it PostgreSQL finds out by itself within a minute.
    }
  }

  #giveUp(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    const { folder } = this.#cluster;
    this.#log.error({ folder }, "the folder of PostgreSQL was taken away; bring it back and start the server again");
    this.#server?.kill("SIGQUIT");
  }

  /** Says once that it went and once that it is back, however often it takes. */
  async #revive(): Promise<void> {
    this.#log.error({ reason: lastWords(this.#cluster.log) }, "PostgreSQL went; starting it again");
    for (let pause = AGAIN_MS.first; !this.#stopping.signal.aborted; pause = Math.min(pause * 2, AGAIN_MS.most)) {
      try {
        await this.#launch();
        return this.#log.info({}, "PostgreSQL is back");
      } catch {
        await wait(pause, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
      }
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#folderWatch?.close();
    await this.#reviving;
    const pid = this.#server?.pid;
    if (pid !== undefined) await end(pid, this.#cluster.folder);
    this.#watchdog.dismiss();
  }
}

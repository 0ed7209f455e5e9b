import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, fstatSync, openSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { OperatorProblem } from "../../operator-problem.ts";
import type { Cluster } from "./embedded-cluster.ts";
import type { Home } from "./embedded-home.ts";
import { isAlive, worksIn } from "./living.ts";

const LOOK_AGAIN_MS = 10;
const START_MS = 60_000;

/** A fast shutdown writes a checkpoint; an immediate one leaves that to the next start, and loses nothing either. */
const FAST_STOP_MS = 8000;
const IMMEDIATE_STOP_MS = 5000;

const LOG_BYTES = 10 * 1024 * 1024;

/** Safe and small: every promise of a served PostgreSQL, for one server on one machine. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  shared_buffers: "64MB",
  // Our statements are short; compiling them takes longer than running them.
  jit: "off",
  // Parallel workers want shared memory that small containers do not have.
  max_parallel_workers_per_gather: "0",
  max_parallel_maintenance_workers: "0",
  io_method: "sync",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  // Statements and details hold what people wrote.
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
};

export interface Launch {
  readonly port: number;
  readonly connections: number;
  /** Over our own. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts PostgreSQL and waits until it takes connections. */
export async function launch(home: Home, cluster: Cluster, { port, ...other }: Launch): Promise<ChildProcess> {
  forgetStranger(cluster.folder);
  const log = openLog(cluster.log);
  const begun = fstatSync(log).size;
  const settings = Object.entries({ ...SETTINGS, max_connections: other.connections, ...other.settings }).flatMap(
    setting,
  );
  const server = spawn(home.binaries.postgres, ["-D", cluster.folder, "-p", String(port), ...settings], {
    ...home.as,
    cwd: "/",
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  let failure: unknown;
  server.on("error", (error) => (failure = error));
  const deadline = performance.now() + START_MS;
  while (!isReady(cluster.folder, server.pid)) {
    if (failure || hasEnded(server))
      throw new OperatorProblem(`PostgreSQL did not start: ${lastWords(cluster.log, begun)}`, { cause: failure });
    if (performance.now() > deadline)
      throw new OperatorProblem(`PostgreSQL is not ready after ${START_MS / 1000} s: see ${cluster.log}`);
    await wait(LOOK_AGAIN_MS);
  }
  server.unref();
  return server;
}

/** Ends a PostgreSQL of ours that outlived its server. */
export async function endLeftover(folder: string): Promise<void> {
  const { pid } = readPidFile(folder);
  if (pid > 0 && isAlive(pid) && worksIn(pid, folder)) await end(pid, folder);
}

/** Asks it to go, then tells it to. Its file goes last; the process may linger as a zombie until its parent looks. */
export async function end(pid: number, folder: string): Promise<void> {
  const isThere = () => readPidFile(folder).pid === pid && isAlive(pid);
  for (const [signal, patience] of [
    ["SIGINT", FAST_STOP_MS],
    ["SIGQUIT", IMMEDIATE_STOP_MS],
  ] as const) {
    const deadline = performance.now() + patience;
    signalTo(pid, signal);
    while (isThere() && performance.now() < deadline) await wait(LOOK_AGAIN_MS);
    if (!isThere()) return;
  }
  throw new OperatorProblem(`PostgreSQL (process ${pid}) does not stop: end it by hand`);
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port");
  return address.port;
}

/** The last thing PostgreSQL called wrong, of what it said from a place in its log on. */
export function lastWords(log: string, from = 0): string {
  const said = existsSync(log) ? readFileSync(log).subarray(from).toString() : "";
  const lines = said.trim().split("\n").slice(-20);
  if (isFull(lines.join("\n"))) return `the disk is full: make room for it (see ${log})`;
  const complaint = lines.findLast((line) => /FATAL|PANIC|error/i.test(line)) ?? lines.at(-1);
  return complaint ? `${complaint.replace(/^.*?(?:FATAL|PANIC):\s*/, "")} (see ${log})` : `see ${log}`;
}

/** PostgreSQL has several words for it. */
export const isFull = (said: string) => /No space left on device|Disk quota exceeded|wrote only \d+ of/.test(said);

const setting = ([name, value]: [string, string | number]) => ["-c", `${name}=${value}`];

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

function isReady(folder: string, server: number | undefined): boolean {
  const { pid, status } = readPidFile(folder);
  return pid === server && status === "ready";
}

/** The first line is the postmaster's number, the eighth how far it is. */
function readPidFile(folder: string): { pid: number; status: string | undefined } {
  try {
    const lines = readFileSync(join(folder, "postmaster.pid"), "utf8").split("\n");
    return { pid: Number(lines[0]), status: lines[7]?.trim() };
  } catch {
    return { pid: 0, status: undefined };
  }
}

/** A number in the file that by now is somebody else's would keep PostgreSQL from starting. */
function forgetStranger(folder: string): void {
  const { pid } = readPidFile(folder);
  if (pid > 0 && isAlive(pid) && !worksIn(pid, folder)) rmSync(join(folder, "postmaster.pid"), { force: true });
}

function openLog(file: string): number {
  if (existsSync(file) && statSync(file).size > LOG_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

function signalTo(pid: number, signal: "SIGINT" | "SIGQUIT"): void {
  try {
    process.kill(pid, signal);
  } catch {}
}

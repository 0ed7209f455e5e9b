import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import type { Certified } from "./authority.ts";
import { eventually } from "./embedded.ts";

const run = promisify(execFile);

const CERTIFICATES = join(import.meta.dirname, "certificates");

/** Nobody waits longer for an answer on the command line: a frozen server gives none. */
const CLI_MS = 5000;

export interface RedisOptions {
  /** Speaks TLS and nothing else, under the certificate for "localhost". */
  readonly tls?: boolean;
  /** Or under this one, for "localhost" too, by that CA. */
  readonly certified?: Certified & { readonly ca: string };
  readonly password?: string;
  /** More of its settings, as on its command line: `["--maxmemory", "1mb"]`. */
  readonly settings?: readonly string[];
}

/** A Redis of one's own, on a free port and with files of its own. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now; another one after a restart. */
  readonly pid: number;
  /** Ends it for good, frozen or not. */
  stop(): Promise<void>;
  /** SIGKILL and SIGTERM wait until it is gone; SIGSTOP freezes it, SIGCONT lets it go on. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, ending the one that runs: with what it knew, or with nothing. */
  restart(options?: { readonly empty?: boolean }): Promise<void>;
  /** What `redis-cli` prints, without the last line's end. Throws what Redis refuses. */
  cli(...args: readonly string[]): Promise<string>;
}

/** `describe`, where there is a Redis to be had; elsewhere it says that it was left out, and fails in CI. */
export function describeWithRedis(title: string, body: (this: Mocha.Suite) => void): void {
  if (hasRedis() || process.env["CI"] === "true") describe(title, body);
  else describe.skip(`${title} (NOT TESTED: this machine has no redis-server)`, body);
}

export const hasRedis = (): boolean => spawnSync("redis-server", ["--version"]).error === undefined;

export async function startRedis(options: RedisOptions = {}): Promise<TestRedis> {
  if (!hasRedis()) throw new Error("This machine has no redis-server: install it (Debian: apt-get install redis)");
  const folder = mkdtempSync(join(tmpdir(), "twinship-redis-"));
  const port = await freePort();
  const start = () => startServer(folder, port, options);
  let server = await start();

  async function kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill(signal);
    if (signal === "SIGKILL" || signal === "SIGTERM") await gone;
  }

  return {
    url: urlOf(port, options),
    port,
    get pid() {
      return server.pid ?? 0;
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
    kill,
    async restart({ empty = false } = {}) {
      await kill();
      if (empty) rmSync(join(folder, "appendonlydir"), { recursive: true, force: true });
      server = await start();
    },
    cli: (...args) => cli(port, options, args),
  };
}

function urlOf(port: number, { tls, password }: RedisOptions): string {
  const who = password ? `:${encodeURIComponent(password)}@` : "";
  return tls ? `rediss://${who}localhost:${port}` : `redis://${who}127.0.0.1:${port}`;
}

/** Every write is in its file at once, so that what was known outlives `kill -9`. */
async function startServer(folder: string, port: number, options: RedisOptions): Promise<ChildProcess> {
  const log = join(folder, "server.log");
  const output = openSync(log, "a");
  const where = ["--bind", "127.0.0.1", "--dir", folder, ...portsOf(port, options)];
  const keeping = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"];
  const guard = options.password ? ["--requirepass", options.password] : [];
  const settings = [...where, ...keeping, ...guard, ...(options.settings ?? [])];
  const server = spawn("redis-server", settings, { cwd: folder, stdio: ["ignore", output, output] });
  endWithUs(server, folder);
  const isGone = () => server.exitCode !== null || server.signalCode !== null;
  await eventually(async () => isGone() || (await answers(port, options)), 20_000);
  if (isGone()) throw new Error(readFileSync(log, "utf8"));
  return server;
}

const file = (name: string) => join(CERTIFICATES, name);

const OURS = { certificate: file("server.pem"), key: file("server.key"), ca: file("ca.pem") };

function portsOf(port: number, { tls, certified = OURS }: RedisOptions): readonly string[] {
  if (!tls) return ["--port", String(port)];
  const certificates = ["--tls-cert-file", certified.certificate, "--tls-key-file", certified.key];
  return ["--port", "0", "--tls-port", String(port), ...certificates, "--tls-auth-clients", "no"];
}

/** However we end, it does not outlive us: the pipe to its guard closes with us. */
function endWithUs(server: ChildProcess, folder: string): void {
  const script = 'read said || { kill -9 "$1"; rm -rf "$2"; }';
  const guard = spawn("sh", ["-c", script, "sh", String(server.pid), folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  server.on("exit", () => guard.stdin?.end("gone\n"));
}

const answers = (port: number, options: RedisOptions): Promise<boolean> =>
  cli(port, options, ["ping"]).then(
    (answer) => answer === "PONG",
    () => false,
  );

async function cli(
  port: number,
  { tls, password, certified = OURS }: RedisOptions,
  args: readonly string[],
): Promise<string> {
  const secure = tls ? ["--tls", "--cacert", certified.ca, "-h", "localhost"] : [];
  const guard = password ? ["--no-auth-warning", "-a", password] : [];
  const how = ["-e", "-p", String(port), ...secure, ...guard];
  const { stdout } = await run("redis-cli", [...how, ...args], { timeout: CLI_MS, killSignal: "SIGKILL" });
  return stdout.replace(/\n$/, "");
}

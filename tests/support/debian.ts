import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { startWatchdog } from "../../server/adapters/database/watchdog.ts";
import { eventually } from "./embedded.ts";

/** Where Debian puts PostgreSQL 15. */
const PROGRAMS = "/usr/lib/postgresql/15/bin";

const PASSWORD = "for these tests only";

export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

/** A PostgreSQL 15 of this run, under locale C, on a free port; undefined where the machine has none. */
export async function startDebian(): Promise<Served | undefined> {
  const given = process.env["TEST_POSTGRES15_URL"];
  if (given) return { url: given, stop: async () => undefined };
  return existsSync(join(PROGRAMS, "initdb")) ? startOwn() : undefined;
}

async function startOwn(): Promise<Served> {
  const as = ordinaryUser();
  const folder = mkdtempSync(join(tmpdir(), "twinship-debian-"));
  const secret = join(folder, "password");
  writeFileSync(secret, PASSWORD);
  if (as.uid !== undefined) for (const path of [folder, secret]) chownSync(path, as.uid, as.gid);
  chmodSync(folder, 0o700);
  const data = join(folder, "data");
  const access = ["--username=twinship", "--auth=scram-sha-256", `--pwfile=${secret}`];
  execFileSync(join(PROGRAMS, "initdb"), ["-D", data, "--locale=C", "--encoding=UTF8", "--no-sync", ...access], {
    ...as,
    cwd: "/",
    stdio: "ignore",
  });

  const port = await freePort();
  const log = openSync(join(folder, "server.log"), "a");
  const settings = [
    "-p",
    String(port),
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    "unix_socket_directories=",
    "-c",
    "max_connections=200",
  ];
  // Not detached: an interrupt on the terminal is for it, too.
  const server = spawn(join(PROGRAMS, "postgres"), ["-D", data, ...settings], {
    ...as,
    cwd: "/",
    stdio: ["ignore", log, log],
  });
  const ended = once(server, "exit");
  const watchdog = startWatchdog(data);
  watchdog.watch(server.pid);
  const url = `postgres://twinship:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`;
  const stop = async () => {
    server.kill("SIGQUIT");
    await ended;
    watchdog.dismiss();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(() => server.exitCode !== null || answers(url), 30_000);
    if (server.exitCode !== null) throw new Error(readFileSync(join(folder, "server.log"), "utf8"));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** PostgreSQL does not run as root. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {};
  const id = (kind: string) => Number(execFileSync("id", [kind, "postgres"]).toString());
  return { uid: id("-u"), gid: id("-g") };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

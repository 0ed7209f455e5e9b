import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { eventually } from "./embedded.ts";

const PROGRAM = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"].find(existsSync);

/** So few that whoever shares them gets another one for every transaction. */
const CONNECTIONS = 6;

/** A real pooler in transaction mode, as strict as it is unless told otherwise. */
export interface PgBouncer {
  readonly url: string;
  stop(): Promise<void>;
}

export const hasPgBouncer = PROGRAM !== undefined;

/** `describe`, where there is a pgbouncer to be had; elsewhere it says that it was left out, and fails in CI. */
export function describeWithPgBouncer(title: string, body: (this: Mocha.Suite) => void): void {
  if (PROGRAM !== undefined || process.env["CI"] === "true") return void describe(title, body);
  console.error(`\n!!! pgbouncer is NOT there: apt-get install pgbouncer. Left out: ${title}\n`);
}

export interface PoolerOptions {
  /** To PostgreSQL, of each user and database. */
  readonly connections?: number;
  readonly mode?: "session" | "transaction" | "statement";
  /** More of its file, over what stands there. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** The name of the one that it has; all by default. */
  readonly databases?: string;
}

/** In front of the PostgreSQL of that URL. */
export async function startPgBouncer(
  url: string,
  { connections = CONNECTIONS, mode = "transaction", settings = {}, databases = "*" }: PoolerOptions = {},
): Promise<PgBouncer> {
  if (PROGRAM === undefined) throw new Error("There is no pgbouncer on this machine");
  const { hostname, port, username, password, pathname } = new URL(url);
  const folder = mkdtempSync(join(tmpdir(), "twinship-pgbouncer-"));
  chmodSync(folder, 0o755);
  const own = await freePort();
  const file = join(folder, "pgbouncer.ini");
  const users = join(folder, "users.txt");
  writeFileSync(users, `"${username}" ""\n`);
  writeFileSync(
    file,
    `[databases]
${databases} = host=${hostname} port=${port} user=${username} password=${quoted(decodeURIComponent(password))}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = ${connections}
${Object.entries(settings)
  .map(([name, value]) => `${name} = ${value}\n`)
  .join("")}`,
  );
  const asWhom = process.getuid?.() === 0 ? ["-u", "postgres"] : [];
  const bouncer = spawn(PROGRAM, ["-q", ...asWhom, file], { stdio: "ignore" });
  const ended = once(bouncer, "exit");
  const through = `postgres://${username}@127.0.0.1:${own}${pathname}`;
  const stop = async () => {
    bouncer.kill("SIGINT");
    const force = setTimeout(() => bouncer.kill("SIGKILL"), 2000);
    await ended;
    clearTimeout(force);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(() => listens(own), 10_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: through, stop };
}

/** As its file wants a word that may have spaces in it. */
const quoted = (word: string): string => `'${word.replaceAll("'", "''")}'`;

/** Whether or not it leads anywhere. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("connect", () => socket.destroy()).on("error", () => resolve(false));
  });
}

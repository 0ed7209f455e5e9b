import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { OperatorProblem } from "../../operator-problem.ts";
import type { Home, RunAs } from "./embedded-home.ts";
import { isFull } from "./postmaster.ts";

/** The version of the programs that come with us. A cluster of another one must be dumped and loaded. */
const MAJOR = "18";

export const USER = "twinship";

export interface Cluster {
  readonly folder: string;
  readonly password: string;
  /** What PostgreSQL says. */
  readonly log: string;
}

/**
 * The cluster of a home, made if there is none. It is made aside, and moved into its place once it is whole and on disk:
 * half a cluster is never taken for one.
 */
export async function clusterOf(home: Home, onMake: () => void): Promise<Cluster> {
  const { folder } = home;
  const cluster = join(folder, "cluster");
  if (!existsSync(cluster)) {
    onMake();
    await make(home);
  }
  refuseOther(cluster);
  return { folder: cluster, password: readFileSync(join(folder, "password"), "utf8"), log: join(folder, "server.log") };
}

function refuseOther(cluster: string): void {
  const file = join(cluster, "PG_VERSION");
  if (!existsSync(file))
    throw new OperatorProblem(`${cluster} is no PostgreSQL cluster: move it away to start from nothing`);
  const version = readFileSync(file, "utf8").trim();
  if (version === MAJOR) return;
  throw new OperatorProblem(
    `${cluster} is of PostgreSQL ${version}, and ours is ${MAJOR}: dump it with ${version}, move it away and load it`,
  );
}

async function make({ folder, binaries, as }: Home): Promise<void> {
  mkdirSync(folder, { recursive: true });
  // Whoever PostgreSQL runs as goes through here; the cluster beneath is its own.
  chmodSync(folder, 0o711);
  sweep(folder);
  // The password stands first: a cluster whose password nobody knows is of no use.
  const password = passwordIn(folder);
  const aside = join(folder, `making-${process.pid}`);
  mkdirSync(aside, { mode: 0o700 });
  own(aside, as);
  await initialise(binaries.initdb, aside, password, as);
  renameSync(aside, join(folder, "cluster"));
  toDisk(folder);
}

/** What was begun and not finished. Somebody's orphan may still be writing; it hurts nobody. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith("making-"))) {
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {}
  }
}

function passwordIn(folder: string): string {
  const file = join(folder, "password");
  const password = randomBytes(24).toString("hex");
  writeFileSync(`${file}.new`, password, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return password;
}

async function initialise(initdb: string, folder: string, password: string, as: RunAs): Promise<void> {
  const secret = `${folder}.password`;
  writeFileSync(secret, password, { mode: 0o600 });
  own(secret, as);
  const access = [`--username=${USER}`, "--auth=scram-sha-256", `--pwfile=${secret}`];
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  try {
    await promisify(execFile)(initdb, ["-D", folder, ...access, ...locale, "--no-instructions"], { ...as, cwd: "/" });
  } catch (cause) {
    throw new OperatorProblem(`PostgreSQL could not be set up in ${dirname(folder)}: ${complaintOf(cause)}`, { cause });
  } finally {
    rmSync(secret, { force: true });
  }
}

/** initdb says much, and what is wrong in one line of it. */
function complaintOf(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT")
    return "its programs do not run here: set DATABASE_URL";
  const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  if (isFull(said)) return "its disk is full: make room, or choose another folder with DATA_DIR";
  const lines = said.trim().split("\n");
  return lines.find((line) => /error|fatal|panic|could not|cannot/i.test(line)) ?? lines.at(-1) ?? "";
}

function own(path: string, as: RunAs): void {
  if (as.uid !== undefined) chownSync(path, as.uid, as.gid);
}

/** A rename is on disk once its folder is. */
function toDisk(folder: string): void {
  if (process.platform === "win32") return;
  const opened = openSync(folder, "r");
  fsyncSync(opened);
  closeSync(opened);
}

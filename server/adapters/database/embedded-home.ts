import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorProblem } from "../../operator-problem.ts";
import { type Binaries, copyBinaries, packagedBinaries } from "./binaries.ts";

/** Who PostgreSQL runs as: us, unless we are root, which it refuses to be. */
export type RunAs = { readonly uid: number; readonly gid: number } | Record<string, never>;

export interface Home {
  /** Holds the cluster, its password and what it says; see embedded-cluster.ts. */
  readonly folder: string;
  readonly binaries: Binaries;
  readonly as: RunAs;
}

/** Where root keeps what an ordinary user must reach and nobody else may change. */
const ROOTS_PLACE = "/var/lib/twinship";

const PLACE_IS_OPEN = 0o022;

/** In the data folder; or, if PostgreSQL's user cannot get in there, where that file says. */
const ELSEWHERE = "postgres-is-elsewhere";

/** Where the cluster is to live, as whom, and with which programs. */
export function settle(dataDir: string): Home {
  const packaged = packagedBinaries();
  const as = userFor(join(dataDir, "postgres", "cluster"));
  if (as.uid === undefined) return { folder: join(dataDir, "postgres"), binaries: packaged, as };

  const binaries = canRun(packaged, as) ? packaged : copyBinaries(packaged, rootsPlace());
  const marker = join(dataDir, ELSEWHERE);
  const here = join(dataDir, "postgres");
  if (!existsSync(marker) && succeeds("test", ["-x", dataDir], as)) return { folder: here, binaries, as };
  if (existsSync(here))
    throw new OperatorProblem(`PostgreSQL's user ${as.uid} may not enter ${dataDir} any more: open it (chmod a+x)`);
  const folder = elsewhere(marker);
  return { folder, binaries, as: userFor(join(folder, "cluster")) };
}

/** The owner of what is there already; else the machine's user for PostgreSQL; else nobody. */
function userFor(cluster: string): RunAs {
  if (process.getuid?.() !== 0) return {};
  const owner = existsSync(cluster) ? statSync(cluster) : undefined;
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  const user = users.find((line) => line.startsWith("postgres:")) ?? users.find((line) => line.startsWith("nobody:"));
  if (!user)
    throw new OperatorProblem(
      "PostgreSQL does not run as root, and there is no user postgres or nobody: set DATABASE_URL",
    );
  const [, , uid, gid] = user.split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

function elsewhere(marker: string): string {
  if (!existsSync(marker)) {
    // Not named after the data folder: who deletes that one and starts again wants to start from nothing.
    const made = mkdtempSync(join(rootsPlace(), "data-"));
    chmodSync(made, 0o711);
    writeFileSync(marker, `${made}\n`);
  }
  const folder = readFileSync(marker, "utf8").trim();
  if (!existsSync(folder)) {
    throw new OperatorProblem(
      `PostgreSQL's folder ${folder} is gone: bring it back, or delete ${marker} to start from nothing`,
    );
  }
  refuseIfOthersMayWrite(folder);
  return folder;
}

function rootsPlace(): string {
  mkdirSync(ROOTS_PLACE, { recursive: true, mode: 0o755 });
  refuseIfOthersMayWrite(ROOTS_PLACE);
  return ROOTS_PLACE;
}

/** We are about to run what lies there, as root's choice. */
function refuseIfOthersMayWrite(folder: string): void {
  const { uid, mode } = statSync(folder);
  if (uid !== 0 || (mode & PLACE_IS_OPEN) !== 0)
    throw new OperatorProblem(`${folder} must be root's, and nobody else may write in it`);
}

const canRun = ({ postgres }: Binaries, as: RunAs) => succeeds(postgres, ["--version"], as);

function succeeds(program: string, values: string[], as: RunAs): boolean {
  try {
    execFileSync(program, values, { ...as, cwd: "/", stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

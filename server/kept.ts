import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What we made ourselves and must still have after the next start, a secret or a key: in a file of the data folder that
 * only we may read. Two that start at once keep the same one.
 */
export function kept(dataDir: string, name: string, make: () => string): string {
  const file = join(dataDir, name);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
  mkdirSync(dataDir, { recursive: true });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, make(), { mode: 0o600, flush: true });
  try {
    linkSync(aside, file);
    toDisk(dataDir);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
  return readFileSync(file, "utf8");
}

const hasCode = (error: unknown, code: string) => error instanceof Error && "code" in error && error.code === code;

/** A new name is on disk once its folder is. */
function toDisk(folder: string): void {
  if (process.platform === "win32") return;
  const opened = openSync(folder, "r");
  fsyncSync(opened);
  closeSync(opened);
}

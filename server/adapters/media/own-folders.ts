import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "twinship-media-";

/** Whoever is at work in one changes something in it sooner: of others the maker is gone. */
const LEFT_MS = 60 * 60_000;

/** Folders that nobody else reads, each its maker's to remove; what earlier processes left is cleared away first. */
export function ownFolders(): () => Promise<string> {
  let cleared: Promise<void> | undefined;
  return async () => {
    cleared ??= clearLeftovers();
    await cleared;
    return mkdtemp(join(tmpdir(), PREFIX));
  };
}

/** A process that was killed in the middle could not throw away what somebody sent. */
async function clearLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const known = await stat(folder).catch(() => undefined);
    if (known && known.mtimeMs < Date.now() - LEFT_MS) await rm(folder, { recursive: true, force: true });
  }
}

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasCode, isAway, noRoom, unlessGone, unlessGoneFrom } from "./disk-problems.ts";
import { COPIES, copyName, type PieceStore, pieceName } from "./pieces.ts";

/** Below the folder of a store, which is there, or the store is away: what is not mounted is not written to. */
export function diskPieces(folder: string): PieceStore {
  const placeOf = (copy: string): string => join(folder, COPIES, copyName(copy));

  return {
    async put(copy, n, piece) {
      const place = placeOf(copy);
      try {
        await made(dirname(place));
        await made(place);
        await writeFile(join(place, pieceName(n)), piece, { mode: 0o600, flush: true });
      } catch (error) {
        throw hasCode(error, "ENOENT") ? isAway(error) : hasCode(error, "ENOSPC") ? noRoom(error) : error;
      }
    },

    get: (copy, n) => unlessGoneFrom(folder, readFile(join(placeOf(copy), pieceName(n)))),

    async *copies() {
      yield (await unlessGone(readdir(join(folder, COPIES)))) ?? [];
    },

    remove: (copy) => rm(placeOf(copy), { recursive: true, force: true }),
  };
}

/** Not the folders above it. */
async function made(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

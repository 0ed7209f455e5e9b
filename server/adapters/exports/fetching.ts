import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { crc32 } from "node:zlib";
import type { BlobStore } from "../blobs/keeper.ts";
import { type Pause, patiently } from "./patience.ts";

export interface FetchingDeps {
  readonly store: Pick<BlobStore, "fetchInto">;
  readonly pause: Pause;
}

export interface Fetched {
  readonly bytes: number;
  readonly crc32: number;
  readonly sha256: string;
}

/** Why a file of the store could not be had, and will not be had by asking again. */
export type Missing = "gone" | "damaged" | "unreadable";

/** What a disk says of a file that it has and does not give, and a store that speaks S3. */
const OF_THE_FILE = new Set(["EACCES", "EPERM", "EIO", "EISDIR", "AccessDenied", "InvalidObjectState"]);

/**
 * Fetches one file whole to this machine, so that a copy never has half of one, and what it comes to is known before.
 * Throws if the store does not answer for longer than a hiccup: that says nothing of the file.
 */
export async function fetched(
  { store, pause }: FetchingDeps,
  place: string,
  { key, bytes }: { readonly key: string; readonly bytes: number },
): Promise<Fetched | Missing> {
  try {
    if (!(await patiently(() => store.fetchInto(place, key), pause))) return "gone";
    const found = await lookedAt(place);
    return found.bytes === bytes ? found : "damaged";
  } catch (error) {
    if (isOfTheFile(error)) return "unreadable";
    throw error;
  }
}

async function lookedAt(place: string): Promise<Fetched> {
  const hash = createHash("sha256");
  let [bytes, sum] = [0, 0];
  for await (const piece of createReadStream(place)) {
    hash.update(piece);
    sum = crc32(piece, sum);
    bytes += piece.length;
  }
  return { bytes, crc32: sum, sha256: hash.digest("hex") };
}

const isOfTheFile = (error: unknown): boolean =>
  error instanceof Error && (OF_THE_FILE.has(error.name) || OF_THE_FILE.has(String(Reflect.get(error, "code"))));

import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ownFileName, readyKey } from "../../../domain/media-views.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import { type Fetched, type FetchingDeps, fetched, type Missing } from "./fetching.ts";
import { isTakenBack, type MediaRow, mediaRows } from "./media-rows.ts";
import type { Sources } from "./sections.ts";
import type { ArchiveFile } from "./zip.ts";

export interface MediaFilesDeps extends FetchingDeps {
  /** An empty one each time. */
  readonly newFolder: () => Promise<string>;
}

/** What is told of a picture or a recording beside its file, or in its place. */
export interface Listed extends Omit<MediaRow, "variants"> {
  /** Where it is in the archive; null if it is not, and then it is said why. */
  readonly file: string | null;
  readonly sha256: string | null;
  readonly leftOut: string | null;
}

type Reason = Missing | "takenBack" | "pending" | "checking" | "refused";

const WHY: Readonly<Record<Reason, string>> = {
  gone: "It was not where it is kept.",
  damaged: "What is kept of it is not whole.",
  unreadable: "It could not be read where it is kept.",
  takenBack: "It was deleted while this copy was made.",
  pending: "It was announced and has not come, or nobody has looked at it yet.",
  checking: "It was still being looked at when this copy was made.",
  refused: "It was refused when it came, and is not kept.",
};

/**
 * The pictures and recordings themselves, one after the other: each is fetched when its turn comes, and is then the only
 * one on this machine. What became of each is told to `tell`, also of those that are not there.
 */
export async function* mediaFiles(
  sources: Sources,
  { newFolder, ...deps }: MediaFilesDeps,
  of: UserId,
  tell: (one: Listed) => void,
): AsyncGenerator<ArchiveFile> {
  const folder = await newFolder();
  const place = join(folder, "file");
  try {
    for await (const row of mediaRows(sources, of)) {
      const file = await fileOf(sources, deps, place, row);
      tell(listedOf(row, file));
      if (typeof file !== "string") yield { path: file.path, asItIs: file, pieces: () => createReadStream(place) };
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Named extends Fetched {
  readonly path: string;
}

/** The largest there is of it, at `place`; or why there is none. */
async function fileOf(sources: Sources, deps: FetchingDeps, place: string, row: MediaRow): Promise<Named | Reason> {
  if (row.status !== "ready") return row.status;
  const largest = row.variants.at(-1);
  if (!largest) return "gone";
  const found = await fetched(deps, place, { key: readyKey(row.id, largest), bytes: largest.bytes });
  if (typeof found !== "string") return { ...found, path: `media/${ownFileName(row.id, largest)}` };
  return (await isTakenBack(sources, row.id)) ? "takenBack" : found;
}

function listedOf({ variants: _, ...row }: MediaRow, file: Named | Reason): Listed {
  if (typeof file === "string") return { ...row, file: null, sha256: null, leftOut: WHY[file] };
  return { ...row, bytes: file.bytes, file: file.path, sha256: file.sha256, leftOut: null };
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { CheckMedia, ToCheck, Verdict } from "../../../domain/media-checks.ts";
import { incomingKey, readyKey } from "../../../domain/media-views.ts";
import type { BlobStore } from "../blobs/keeper.ts";
import type { Inspectors } from "./inspectors.ts";
import { ownFolders } from "./own-folders.ts";
import { ORIGINAL } from "./tasks.ts";

export interface CheckerDeps {
  readonly store: Pick<BlobStore, "fetchInto" | "keep">;
  readonly inspectors: Pick<Inspectors, "inspect">;
}

const refused = (reason: string): Verdict => ({ isFit: false, code: "MEDIA_REFUSED", reason });

/** Fetches what was uploaded into a folder of its own, has it looked at there, and keeps what was made of it. */
export function mediaChecker({ store, inspectors }: CheckerDeps): CheckMedia {
  async function checkedIn(folder: string, file: ToCheck): Promise<Verdict> {
    const original = join(folder, ORIGINAL);
    if (!(await store.fetchInto(original, incomingKey(file.id)))) return refused("Nothing was uploaded");
    const other = await otherThanAnnounced(original, file);
    if (other) return refused(other);
    const { purpose, contentType } = file;
    const outcome = await inspectors.inspect({ folder, purpose, contentType });
    if (!outcome.isFit) return outcome;
    for (const variant of outcome.variants)
      await store.keep(readyKey(file.id, variant), join(folder, variant.name), variant.contentType);
    return outcome;
  }

  const newFolder = ownFolders();
  return async (file) => {
    const folder = await newFolder();
    try {
      return await checkedIn(folder, file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** A store sees to that too; not every store does. */
async function otherThanAnnounced(path: string, { bytes, sha256 }: ToCheck): Promise<string | undefined> {
  const { size } = await stat(path);
  if (size !== bytes) return `${bytes} bytes were announced, and ${size} came`;
  if (sha256 === null) return undefined;
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("base64") === sha256 ? undefined : "It has another SHA-256 than was announced";
}

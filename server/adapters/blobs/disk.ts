import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Announced, SentFile, StoreDoor } from "../../../domain/media-store.ts";
import { linkTimes } from "../../../domain/media-store.ts";
import { Refusal } from "../../../domain/refusal.ts";
import type { StoreAddresses } from "./addresses.ts";
import { diskPieces } from "./disk-pieces.ts";
import { hasCode, noRoom, unlessGone, unlessGoneFrom } from "./disk-problems.ts";
import type { BlobStore } from "./keeper.ts";

export interface DiskDeps {
  /** Made if it is not there. */
  readonly folder: string;
  readonly addresses: StoreAddresses;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** An id, and perhaps a name below it: nothing that could lead anywhere else. */
const KEY = /^(?:incoming|ready)\/[0-9a-f-]{36}(?:\/[a-z0-9-]{1,20}\.[a-z0-9]{1,5})?$/;

/** What is under way; it lies apart until it is whole. */
const PARTS = "parts";

const LISTED_AT_ONCE = 500;

/** Files in a folder of ours, under the same rules as anywhere: signed addresses, exact sizes, and nothing written over. */
export function diskStore({ folder, addresses, now }: DiskDeps): BlobStore {
  const placeOf = (key: string): string => {
    if (!KEY.test(key)) throw new Refusal("NOT_FOUND", "There is no such file");
    return join(folder, key);
  };
  const part = async (): Promise<string> => {
    await mkdir(join(folder, PARTS), { recursive: true });
    return join(folder, PARTS, randomUUID());
  };

  return {
    async uploadTo(key, { sha256, ...file }, until) {
      const url = addresses.upload(key, { ...file, sha256, until });
      const headers = { "Content-Type": file.contentType, "Content-Length": String(file.bytes) };
      return { method: "PUT", url, headers, expiresAt: new Date(until).toISOString() };
    },

    async linkTo({ key, ...file }, at) {
      const { until } = linkTimes(at);
      return { url: addresses.link(key, { ...file, until }), expiresAt: new Date(until).toISOString() };
    },

    sizeOf: (key) => sizeAt(placeOf(key)),

    read: (key, from, to) => createReadStream(placeOf(key), { start: from, end: to }),

    async fetchInto(file, key) {
      return (
        (await unlessGoneFrom(
          folder,
          copyFile(placeOf(key), file).then(() => true),
        )) ?? false
      );
    },

    async keep(key, file) {
      const [place, aside] = [placeOf(key), await part()];
      await mkdir(dirname(place), { recursive: true });
      await copyFile(file, aside);
      await toDisk(aside);
      await rename(aside, place);
      await toDisk(dirname(place));
    },

    async remove(keys) {
      for (const key of keys) {
        const place = placeOf(key);
        await rm(place, { force: true });
        // The last file of a media takes its folder along.
        if (key.split("/").length > 2) await rmdir(dirname(place)).catch(() => undefined);
      }
    },

    async *olderThan(at, fromId) {
      await removeOldParts(join(folder, PARTS), at);
      const found: string[] = [];
      for await (const key of keysUnder(folder, fromId)) {
        const { mtimeMs } = (await unlessGone(stat(join(folder, key)))) ?? { mtimeMs: Number.POSITIVE_INFINITY };
        if (mtimeMs < at) found.push(key);
        if (found.length === LISTED_AT_ONCE) yield found.splice(0);
      }
      if (found.length > 0) yield found;
    },

    door: diskDoor({ placeOf, part, addresses, now }),
    pieces: diskPieces(folder),
  };
}

interface DoorDeps extends Pick<DiskDeps, "addresses" | "now"> {
  readonly placeOf: (key: string) => string;
  readonly part: () => Promise<string>;
}

function diskDoor({ placeOf, part, addresses, now }: DoorDeps): StoreDoor {
  return {
    async take(key, address, sent) {
      const announced = addresses.uploadIn(key, address, now());
      const place = placeOf(key);
      refuseOther(announced, sent);
      if ((await sizeAt(place)) !== undefined) throw used();
      const aside = await part();
      try {
        await written(aside, announced, sent.body);
        await mkdir(dirname(place), { recursive: true });
        await link(aside, place).catch(refuseUsed);
        await toDisk(dirname(place));
      } finally {
        await rm(aside, { force: true });
      }
    },

    async open(key, address) {
      const file = addresses.linkIn(key, address, now());
      const place = placeOf(key);
      const bytes = await sizeAt(place);
      if (bytes === undefined) throw new Refusal("NOT_FOUND", "This file is gone");
      const read = (from: number, to: number) => createReadStream(place, { start: from, end: to });
      return { ...file, bytes, etag: `"${key}"`, read };
    },
  };
}

/** What its headers say is enough to know that it is something else. */
function refuseOther({ bytes, contentType }: Announced, sent: SentFile): void {
  if (sent.contentLength !== String(bytes)) throw new Refusal("FORBIDDEN", `This takes exactly ${bytes} bytes`);
  if (sent.contentType !== contentType) throw new Refusal("FORBIDDEN", `This takes ${contentType} only`);
}

/** To the disk as it comes, and whole or not at all. */
async function written(file: string, { bytes, sha256 }: Announced, body: AsyncIterable<Uint8Array>): Promise<void> {
  const hash = createHash("sha256");
  const opened = await open(file, "wx", 0o600);
  let size = 0;
  try {
    for await (const piece of body) {
      size += piece.length;
      if (size > bytes) break;
      hash.update(piece);
      await opened.write(piece);
    }
    await opened.sync();
  } catch (error) {
    if (hasCode(error, "ENOSPC")) throw noRoom(error);
    throw error;
  } finally {
    await opened.close();
  }
  if (size !== bytes) throw new Refusal("FORBIDDEN", `This takes exactly ${bytes} bytes`);
  if (sha256 !== null && hash.digest("base64") !== sha256)
    throw new Refusal("VALIDATION_ERROR", "What arrived has another SHA-256 than was announced");
}

const used = (): Refusal => new Refusal("PRECONDITION_FAILED", "This address was used: nothing is written over");

function refuseUsed(error: unknown): never {
  if (hasCode(error, "EEXIST")) throw used();
  throw error;
}

async function* keysUnder(folder: string, fromId: string): AsyncGenerator<string> {
  for (const id of await namesIn(join(folder, "incoming"))) yield `incoming/${id}`;
  for (const id of (await namesIn(join(folder, "ready"))).filter((one) => one >= fromId))
    for (const name of await namesIn(join(folder, "ready", id))) yield `ready/${id}/${name}`;
}

async function removeOldParts(folder: string, at: number): Promise<void> {
  for (const name of await namesIn(folder)) {
    const known = await unlessGone(stat(join(folder, name)));
    if (known && known.mtimeMs < at) await rm(join(folder, name), { force: true });
  }
}

const namesIn = async (folder: string): Promise<readonly string[]> => (await unlessGone(readdir(folder))) ?? [];

const sizeAt = async (place: string): Promise<number | undefined> => (await unlessGone(stat(place)))?.size;

/** A file is on disk once it was told to be; a new name, once its folder was. */
async function toDisk(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const opened = await open(path, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

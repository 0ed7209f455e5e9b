import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { crc32, createDeflateRaw } from "node:zlib";
import { descriptor, directoryLine, type Entry, endOf, localHeader } from "./zip-format.ts";

/** A file in the archive, made when its turn comes. */
export interface ArchiveFile {
  readonly path: string;
  /** Of one that nothing makes smaller, and that lies ready: it is put in as it is, and is no other than that. */
  readonly asItIs?: { readonly bytes: number; readonly crc32: number };
  pieces(): AsyncIterable<string | Uint8Array>;
}

/** What one can check a file by that arrived. */
export interface Digest {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Words come by the line, and whoever makes them smaller had rather have pages. */
const PAGE_BYTES = 64 * 1024;

/**
 * The files as one archive, a piece at a time: as fast as it is read, and never more of it in memory than is under way,
 * and a line of its directory for each file. The last file is made of the digests of all others. `at` is the time all
 * files bear.
 */
export async function* zipped(
  files: AsyncIterable<ArchiveFile> | Iterable<ArchiveFile>,
  manifest: (digests: readonly Digest[]) => ArchiveFile,
  at: Date,
): AsyncGenerator<Uint8Array> {
  const archive = new Archive(at);
  for await (const file of files) yield* archive.put(file);
  yield* archive.put(manifest(archive.digests));
  yield* archive.end();
}

class Archive {
  readonly digests: Digest[] = [];
  readonly #at: Date;
  readonly #directory: Buffer[] = [];
  /** How far it has come. */
  #offset = 0;

  constructor(at: Date) {
    this.#at = at;
  }

  async *put({ path, asItIs, pieces }: ArchiveFile): AsyncGenerator<Uint8Array> {
    const begin = this.#offset;
    const named = { name: Buffer.from(path), at: this.#at, isStored: asItIs !== undefined };
    const { bytes, crc32 } = asItIs ?? { bytes: 0, crc32: 0 };
    yield this.#past(localHeader({ ...named, crc32, packed: bytes, bytes }));
    const tally = new Tally();
    const read = tally.of(pieces());
    let packed = 0;
    for await (const piece of asItIs ? read : deflated(paged(read))) {
      packed += piece.length;
      yield this.#past(piece);
    }
    if (asItIs && (tally.bytes !== bytes || tally.crc32 !== crc32)) throw new Error("A file changed while it was read");
    const entry: Entry = { ...named, packed, crc32: tally.crc32, bytes: tally.bytes };
    if (!asItIs) yield this.#past(descriptor(entry));
    this.#directory.push(directoryLine(entry, begin));
    this.digests.push({ path, bytes: tally.bytes, sha256: tally.sha256() });
  }

  *end(): Generator<Uint8Array> {
    const begin = this.#offset;
    for (const line of this.#directory) yield this.#past(line);
    yield endOf(this.#directory.length, this.#offset - begin, begin);
  }

  #past<T extends Uint8Array>(piece: T): T {
    this.#offset += piece.length;
    return piece;
  }
}

/** What a file comes to while it passes. */
class Tally {
  bytes = 0;
  crc32 = 0;
  readonly #hash = createHash("sha256");

  async *of(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      const body = typeof piece === "string" ? Buffer.from(piece) : piece;
      this.bytes += body.length;
      this.crc32 = crc32(body, this.crc32);
      this.#hash.update(body);
      yield body;
    }
  }

  sha256 = (): string => this.#hash.digest("hex");
}

async function* paged(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < PAGE_BYTES) continue;
    yield Buffer.concat(held);
    [held, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(held);
}

async function* deflated(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const deflate = createDeflateRaw();
  const fed = pipeline(pieces, deflate);
  // Told by the reading, too: whoever stops reading waits for nothing more.
  fed.catch(() => undefined);
  yield* deflate;
  await fed;
}

import { createHash } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import { ZipFile } from "yazl";

/** A file in the archive, made when its turn comes. */
export interface ArchiveFile {
  readonly path: string;
  pieces(): AsyncIterable<string | Uint8Array>;
}

/** What one can check a file by that arrived. */
export interface Digest {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The files as one archive, a piece at a time: as fast as it is read, and never more of it in memory than is under way.
 * The last file is made of the digests of all others. `at` is the time all files bear.
 */
export async function* zipped(
  files: readonly ArchiveFile[],
  manifest: (digests: readonly Digest[]) => ArchiveFile,
  at: Date,
): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile();
  const out = new PassThrough();
  zip.outputStream.pipe(out);
  const digests: Digest[] = [];
  let current: Readable | undefined;
  const add = (path: string, fileOf: () => ArchiveFile) =>
    zip.addReadStreamLazy(path, { mtime: at }, (give) => {
      const file = fileOf();
      current = Readable.from(digested(file, digests), { objectMode: false });
      // The archive does not look after its files: one that breaks off would leave it waiting for ever.
      current.once("error", (error) => out.destroy(error));
      give(null, current);
    });
  for (const file of files) add(file.path, () => file);
  add(manifest([]).path, () => manifest(digests));
  zip.end();
  try {
    yield* out;
  } finally {
    current?.destroy();
  }
}

async function* digested({ path, pieces }: ArchiveFile, digests: Digest[]): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of pieces()) {
    const body = typeof piece === "string" ? Buffer.from(piece) : piece;
    hash.update(body);
    bytes += body.length;
    yield body;
  }
  digests.push({ path, bytes, sha256: hash.digest("hex") });
}

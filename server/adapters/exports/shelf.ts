import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Pool } from "pg";
import type { Copy, ExportShelf } from "../../../domain/exports.ts";
import { Refusal } from "../../../domain/refusal.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { PieceStore } from "../blobs/pieces.ts";
import { asking } from "../database/unavailable.ts";
import type { Archive } from "./archive.ts";
import type { Pause } from "./patience.ts";
import { databasePlace, type Place, storePlace } from "./places.ts";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const WANTED = "select from exports where id = $1 and attempt = $2 and status = 'pending'";

export interface ShelfDeps {
  readonly pool: Pick<Pool, "query">;
  readonly archiveOf: (of: UserId) => Promise<Archive>;
  readonly pieces: PieceStore;
  readonly pause: Pause;
}

/**
 * Copies in pieces, so that whichever node is asked for one has it; only with its own key can a piece be read. Words lie
 * in the database and need nothing else; files may be gigabytes, and lie where files lie.
 */
export function exportShelf({ pool: database, archiveOf, pieces, pause }: ShelfDeps): ExportShelf {
  const pool = asking(database);
  const [words, files] = [databasePlace(pool), storePlace(pool, pieces, pause)];
  /** Not after they were erased, nor after another worker began: what is written then nobody would look for. */
  const isWanted = async ({ exportId, attempt }: Copy): Promise<boolean> =>
    (await pool.query(WANTED, [exportId, attempt])).rows.length > 0;

  return {
    async pack(copy, of) {
      const archive = await archiveOf(of);
      const place = archive.hasFiles ? files : words;
      let [n, bytes] = [0, 0];
      for await (const chunk of chunked(archive.pieces, place.pieceBytes)) {
        if (!(await isWanted(copy))) return undefined;
        await place.put(copy, n, sealed(copy, n, chunk));
        bytes += chunk.length;
        n++;
      }
      return bytes;
    },

    async *read(copy, from, to) {
      const place = (await words.has(copy)) ? words : files;
      const size = place.pieceBytes;
      for (let n = Math.floor(from / size); n * size <= to; n++) {
        const start = n * size;
        yield opened(copy, n, await there(place, copy, n)).subarray(Math.max(0, from - start), to - start + 1);
      }
    },

    async tidy() {
      await words.tidy();
      await files.tidy();
    },
  };
}

async function there(place: Place, copy: Copy, n: number): Promise<Uint8Array> {
  const piece = await place.get(copy, n);
  if (!piece) throw new Refusal("GONE", "This export is not kept any more: ask for a new one in the app");
  return piece;
}

/** Pieces of one size, so that a byte's place tells its piece; the last one is what is left. */
async function* chunked(pieces: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < size) continue;
    let whole = Buffer.concat(held);
    for (; whole.length >= size; whole = whole.subarray(size)) yield whole.subarray(0, size);
    [held, bytes] = [[whole], whole.length];
  }
  if (bytes > 0) yield Buffer.concat(held);
}

/** A key is one copy's alone, so a piece's number is a nonce that comes once. */
function nonceOf(n: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(n, NONCE_BYTES - 4);
  return nonce;
}

function sealed({ key }: Copy, n: number, chunk: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonceOf(n));
  // All of it comes by the first call: this kind of cipher holds nothing back.
  const body = cipher.update(chunk);
  cipher.final();
  return Buffer.concat([cipher.getAuthTag(), body]);
}

function opened({ key }: Copy, n: number, body: Uint8Array): Buffer {
  const decipher = createDecipheriv(CIPHER, key, nonceOf(n));
  decipher.setAuthTag(body.subarray(0, TAG_BYTES));
  const chunk = decipher.update(body.subarray(TAG_BYTES));
  // Throws if a single bit of it is another.
  decipher.final();
  return chunk;
}

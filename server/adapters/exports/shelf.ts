import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Pool } from "pg";
import type { Copy, ExportShelf } from "../../../domain/exports.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import { asking } from "../database/unavailable.ts";

/** What one row holds of an archive, before it is sealed. */
const CHUNK_BYTES = 256 * 1024;

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const PUT = "insert into export_chunks (export_id, attempt, n, body) values ($1, $2, $3, $4)";
const GET = "select body from export_chunks where export_id = $1 and attempt = $2 and n = $3";

/** So many rows are thrown away at once: there may be more than one statement has time for. */
const TIDIED_AT_ONCE = 200;

/** Of one that is being made, the making under way is kept; of one that is ready, the making that was finished. */
const TIDY = `
delete from export_chunks where ctid = any (array(
  select c.ctid from export_chunks c join exports e on e.id = c.export_id
  where e.status in ('failed', 'expired') or c.attempt < e.attempt limit ${TIDIED_AT_ONCE}
))`;

export interface ShelfDeps {
  readonly pool: Pick<Pool, "query">;
  readonly archiveOf: (of: UserId) => Promise<AsyncIterable<Uint8Array>>;
}

/** Copies in the database, so that whichever node is asked for one has it; only with its own key can a piece be read. */
export function exportShelf({ pool: database, archiveOf }: ShelfDeps): ExportShelf {
  const pool = asking(database);
  return {
    async pack(copy, of) {
      const { exportId, attempt } = copy;
      let [n, bytes] = [0, 0];
      for await (const chunk of chunked(await archiveOf(of))) {
        await pool.query(PUT, [exportId, attempt, n, sealed(copy, n, chunk)]);
        bytes += chunk.length;
        n++;
      }
      return bytes;
    },

    async *read(copy, from, to) {
      for (let n = Math.floor(from / CHUNK_BYTES); n * CHUNK_BYTES <= to; n++) {
        const { rows } = await pool.query<{ body: Buffer }>(GET, [copy.exportId, copy.attempt, n]);
        if (!rows[0]) throw new Error("A piece of an export is not there any more");
        const start = n * CHUNK_BYTES;
        yield opened(copy, n, rows[0].body).subarray(Math.max(0, from - start), to - start + 1);
      }
    },

    async tidy() {
      let thrownAway: number;
      do thrownAway = (await pool.query(TIDY)).rowCount ?? 0;
      while (thrownAway === TIDIED_AT_ONCE);
    },
  };
}

/** Pieces of one size, so that a byte's place tells its row; the last one is what is left. */
async function* chunked(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < CHUNK_BYTES) continue;
    let whole = Buffer.concat(held);
    for (; whole.length >= CHUNK_BYTES; whole = whole.subarray(CHUNK_BYTES)) yield whole.subarray(0, CHUNK_BYTES);
    [held, size] = [[whole], whole.length];
  }
  if (size > 0) yield Buffer.concat(held);
}

/** A key is one copy's alone, so a piece's number is a nonce that comes once. */
function nonceOf(n: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(n, NONCE_BYTES - 4);
  return nonce;
}

function sealed({ key }: Copy, n: number, chunk: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonceOf(n));
  const body = Buffer.concat([cipher.update(chunk), cipher.final()]);
  return Buffer.concat([cipher.getAuthTag(), body]);
}

function opened({ key }: Copy, n: number, body: Buffer): Buffer {
  const decipher = createDecipheriv(CIPHER, key, nonceOf(n));
  decipher.setAuthTag(body.subarray(0, TAG_BYTES));
  return Buffer.concat([decipher.update(body.subarray(TAG_BYTES)), decipher.final()]);
}

import type { Copy } from "../../../domain/exports.ts";
import type { PieceStore } from "../blobs/pieces.ts";
import type { Asks } from "../database/unavailable.ts";
import { type Pause, patiently } from "./patience.ts";

/** Where sealed pieces of copies lie. */
export interface Place {
  /** Of each but the last, before it is sealed. */
  readonly pieceBytes: number;
  put(copy: Copy, n: number, sealed: Uint8Array): Promise<unknown>;
  /** Undefined if it is not there. */
  get(copy: Copy, n: number): Promise<Uint8Array | undefined>;
  /** Throws away what no copy needs that is ready or being made. */
  tidy(): Promise<void>;
}

const PUT = "insert into export_chunks (export_id, attempt, n, body) values ($1, $2, $3, $4)";
const GET = "select body from export_chunks where export_id = $1 and attempt = $2 and n = $3";
const HAS = "select from export_chunks where export_id = $1 and attempt = $2 and n = 0";

/** So many rows are thrown away at once: there may be more than one statement has time for. */
const TIDIED_AT_ONCE = 200;

/** Of one that is being made, the making under way is kept; of one that is ready, the making that was finished. */
const TIDY = `
delete from export_chunks where ctid = any (array(
  select c.ctid from export_chunks c join exports e on e.id = c.export_id
  where e.status in ('failed', 'expired') or c.attempt < e.attempt limit ${TIDIED_AT_ONCE}
))`;

/** Rows of the database. */
export function databasePlace(pool: Asks): Place & { has(copy: Copy): Promise<boolean> } {
  return {
    pieceBytes: 256 * 1024,
    put: ({ exportId, attempt }, n, sealed) => pool.query(PUT, [exportId, attempt, n, sealed]),

    async get({ exportId, attempt }, n) {
      const { rows } = await pool.query<{ body: Buffer }>(GET, [exportId, attempt, n]);
      return rows[0]?.body;
    },

    has: async ({ exportId, attempt }) => (await pool.query(HAS, [exportId, attempt])).rows.length > 0,

    async tidy() {
      let thrownAway: number;
      do thrownAway = (await pool.query(TIDY)).rowCount ?? 0;
      while (thrownAway === TIDIED_AT_ONCE);
    },
  };
}

const NEEDED = `
select id || '-' || attempt as name from exports
where status in ('pending', 'ready') and id || '-' || attempt = any ($1)`;

/** Where files lie. A piece is what a download has in memory, and a request to the store: neither many nor large. */
export function storePlace(pool: Asks, pieces: PieceStore, pause: Pause): Place {
  return {
    pieceBytes: 1024 * 1024,
    put: (copy, n, sealed) => patiently(() => pieces.put(nameOf(copy), n, sealed), pause),
    get: (copy, n) => pieces.get(nameOf(copy), n),

    async tidy() {
      for await (const names of pieces.copies()) {
        // Asked after they were found: whatever is found was begun by then.
        const { rows } = await pool.query<{ name: string }>(NEEDED, [names]);
        const needed = new Set(rows.map(({ name }) => name));
        for (const name of names) if (!needed.has(name)) await pieces.remove(name);
      }
    },
  };
}

/** Each making of a copy has a name of its own. */
const nameOf = ({ exportId, attempt }: Copy): string => `${exportId}-${attempt}`;

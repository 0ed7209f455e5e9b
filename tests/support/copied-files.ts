import type { BlobStore } from "../../server/adapters/blobs/keeper.ts";
import type { PieceStore } from "../../server/adapters/blobs/pieces.ts";

/** What copies need of a store. */
export type CopiedFiles = Pick<BlobStore, "fetchInto" | "pieces">;

/** Nobody's files, and a place for pieces in memory. */
export const noFiles = (): CopiedFiles => ({ fetchInto: async () => false, pieces: memoryPieces() });

function memoryPieces(): PieceStore {
  const kept = new Map<string, Map<number, Uint8Array>>();
  return {
    async put(copy, n, piece) {
      const pieces = kept.get(copy) ?? new Map();
      kept.set(copy, pieces.set(n, piece));
    },
    get: async (copy, n) => kept.get(copy)?.get(n),
    async *copies() {
      yield [...kept.keys()];
    },
    async remove(copy) {
      kept.delete(copy);
    },
  };
}

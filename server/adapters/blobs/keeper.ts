import type { MediaStore, StoreDoor } from "../../../domain/media-store.ts";
import type { PieceStore } from "./pieces.ts";

/** What whoever checks or copies files needs beside what the domain does: files of this machine, whole, but never in memory. */
export interface BlobStore extends MediaStore {
  /** False if nothing lies there. Throws UNAVAILABLE if it does not answer, or stops answering before the end. */
  fetchInto(file: string, key: string): Promise<boolean>;
  /** What lies there is written over. */
  keep(key: string, file: string, contentType: string): Promise<void>;
  /** Undefined where files are sent to and fetched from somebody else. */
  readonly door: StoreDoor | undefined;
  readonly pieces: PieceStore;
}

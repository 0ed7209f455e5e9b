/**
 * Copies for people, as many pieces each as it takes. What comes here is sealed: whoever finds it reads nothing. A copy
 * is named by who brings it, by letters, digits and hyphens alone.
 */
export interface PieceStore {
  /** What lies there is written over. */
  put(copy: string, n: number, piece: Uint8Array): Promise<void>;
  /** Undefined if it is not there. */
  get(copy: string, n: number): Promise<Uint8Array | undefined>;
  /** The names of all of which something lies here, some at a time. */
  copies(): AsyncIterable<readonly string[]>;
  /** With all its pieces; what is not there is gone already. */
  remove(copy: string): Promise<void>;
}

/** Beside `incoming` and `ready`, which the sweeps of media look through. */
export const COPIES = "copies";

const NAME = /^[0-9a-z-]{1,100}$/;

/** What it is called below COPIES: nothing that could lead anywhere else. */
export function copyName(copy: string): string {
  if (!NAME.test(copy)) throw new RangeError("This is no name of a copy");
  return copy;
}

/** In the order in which they are read. */
export const pieceName = (n: number): string => String(n).padStart(6, "0");

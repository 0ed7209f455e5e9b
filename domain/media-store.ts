/** Where pictures and recordings lie. Keys are ours; nothing that anybody wrote is part of one. */

/** A file as it was announced: nothing else is taken in its place. */
export interface Announced {
  readonly bytes: number;
  readonly contentType: string;
  /** Base64; null if nobody said. */
  readonly sha256: string | null;
}

/** How whoever announced it sends it, straight to where it is kept. */
export interface Upload {
  readonly method: "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

/** Whoever has it may read one file, for some minutes. */
export interface MediaLink {
  readonly url: string;
  readonly expiresAt: string;
}

export interface LinkedFile {
  readonly key: string;
  readonly contentType: string;
  readonly fileName: string;
}

export interface MediaStore {
  /** For one upload, until then (milliseconds since 1970): what lies at the key already is not written over. */
  uploadTo(key: string, file: Announced, until: number): Promise<Upload>;
  /** The same link for whoever asks within the same minute, so that phones find what they have. `at` is now. */
  linkTo(file: LinkedFile, at: number): Promise<MediaLink>;
  /** Undefined if nothing lies there. */
  sizeOf(key: string): Promise<number | undefined>;
  /** From one byte to another, both included, a piece at a time. */
  read(key: string, from: number, to: number): AsyncIterable<Uint8Array>;
  /** What is not there is gone already. */
  remove(keys: readonly string[]): Promise<void>;
  /**
   * What has lain there since before that time, some at a time: all that is incoming, and of what is ready that of ids
   * from that one on. Ids rise with time, so a look need not go over everything there ever was.
   */
  olderThan(at: number, fromId: string): AsyncIterable<readonly string[]>;
}

/** What a signed address of our own store says it is for. */
export type StoreAddress = Readonly<Record<string, string>>;

export interface StoredFile {
  readonly bytes: number;
  readonly contentType: string;
  readonly fileName: string;
  readonly etag: string;
  read(from: number, to: number): AsyncIterable<Uint8Array>;
}

export interface SentFile {
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The door of a store that is this server's own; others have doors of theirs. */
export interface StoreDoor {
  /** Throws FORBIDDEN for what was not signed, is over, or is not what was announced; PRECONDITION_FAILED if it was used. */
  take(key: string, address: StoreAddress, sent: SentFile): Promise<void>;
  /** Throws FORBIDDEN, or NOT_FOUND for what is gone since. */
  open(key: string, address: StoreAddress): Promise<StoredFile>;
}

/** A link lives that long, counted from the beginning of its minute. */
export const LINK_MS = 5 * 60_000;

const MINUTE_MS = 60_000;

/** From when to when a link is good that is made now. */
export const linkTimes = (now: number): { readonly from: number; readonly until: number } => {
  const from = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  return { from, until: from + LINK_MS };
};

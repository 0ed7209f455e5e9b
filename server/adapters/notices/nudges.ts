/** A quick way to say that there is something to read; what it is, nobody would believe. */
export interface Nudges {
  /** Neither waits nor throws. */
  send(): void;
  /** Calls each time that somebody says so; what it returns ends that. */
  listen(nudged: () => void): () => void;
}

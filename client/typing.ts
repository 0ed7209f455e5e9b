import type { Platform } from "./platform.ts";

export type TypingKind = "text" | "voice";

/** The server lets it go after 5 s; half of that survives one lost repeat. */
const REPEAT_MS = 2500;

/** Says that somebody is typing at the first key, then every now and then while they go on, and at once when they stop. */
export class Typing {
  readonly #platform: Platform;
  readonly #tell: (typing: { on: boolean; kind: TypingKind }) => void;
  #kind: TypingKind | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(platform: Platform, tell: (typing: { on: boolean; kind: TypingKind }) => void) {
    this.#platform = platform;
    this.#tell = tell;
  }

  /** For every key that is pressed; most calls say nothing. */
  on(kind: TypingKind = "text"): void {
    const now = this.#platform.now();
    if (this.#kind === kind && now - this.#toldAt < REPEAT_MS) return;
    this.#kind = kind;
    this.#toldAt = now;
    this.#tell({ on: true, kind });
  }

  off(): void {
    const kind = this.#kind;
    this.forget();
    if (kind) this.#tell({ on: false, kind });
  }

  /** A new connection knows nothing of it. */
  forget(): void {
    this.#kind = undefined;
    this.#toldAt = Number.NEGATIVE_INFINITY;
  }
}

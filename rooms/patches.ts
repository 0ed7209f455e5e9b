/** Nobody sees more than twenty a second, and a burst of signals costs one. */
const APART_MS = 50;

/** Sends what changed in a room's state: at once if it has been quiet, together with its neighbours if not. */
export class Patches {
  readonly #send: () => void;
  #last = Number.NEGATIVE_INFINITY;
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(send: () => void) {
    this.#send = send;
  }

  /** All that happens in this turn of the loop goes together. */
  request(): void {
    if (this.#soon || this.#later) return;
    const wait = this.#last + APART_MS - performance.now();
    if (wait > 0) this.#later = setTimeout(() => this.#go(), wait);
    else this.#soon = setImmediate(() => this.#go());
  }

  stop(): void {
    clearTimeout(this.#later);
    clearImmediate(this.#soon);
  }

  #go(): void {
    this.#soon = undefined;
    this.#later = undefined;
    this.#last = performance.now();
    this.#send();
  }
}

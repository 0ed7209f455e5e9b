/** A phone that changes networks, or a command by HTTP, finds the room still there. */
const OUTLIVES_SOCKETS_MS = 30_000;

/** How long a room stays without a socket. */
export class Lingering {
  readonly #leave: () => unknown;
  #timer: NodeJS.Timeout | undefined;

  /** `leave` is called once nobody came for that long; it looks whether anybody is there. */
  constructor(leave: () => unknown) {
    this.#leave = leave;
  }

  renew(): void {
    this.stop();
    this.#timer = setTimeout(this.#leave, OUTLIVES_SOCKETS_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

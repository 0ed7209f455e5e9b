import { type Arrival, LinkClock } from "../domain/room/fair-time.ts";

/** A socket, as far as its time goes. */
interface Socket {
  on(event: "pong", heard: (word: unknown) => void): unknown;
}

export interface LinkDeps {
  readonly now: () => number;
  /** One that nobody guesses: whoever answers with it has heard it. Without them nothing is measured. */
  readonly newWord?: () => string;
}

/** What is measured of a device's connection, with pings that every WebSocket answers by itself. */
export class Link {
  readonly #clock = new LinkClock();
  readonly #socket: Socket;
  readonly #deps: LinkDeps;

  constructor(socket: Socket, deps: LinkDeps) {
    this.#socket = socket;
    this.#deps = deps;
    socket.on("pong", (word) => this.#heard(String(word)));
  }

  measure(): void {
    const word = this.#deps.newWord?.();
    if (word === undefined) return;
    this.#clock.pinged(word, this.#deps.now());
    if ("ping" in this.#socket && typeof this.#socket.ping === "function") this.#socket.ping(word);
  }

  /** The device asked for the time when its own clock showed `t0`; `at` is when we heard it. */
  synced(t0: number, at: number): void {
    this.#clock.synced(t0, at);
    this.measure();
  }

  /** Of what is heard just now. */
  arrival(): Arrival {
    return this.#clock.arrival(this.#deps.now());
  }

  /** A phone that never asks for the time is measured with the pings that keep its socket open, until enough is known. */
  #heard(word: string): void {
    this.#clock.ponged(word, this.#deps.now());
    if (word === "" && this.#clock.isLearning) this.measure();
  }
}

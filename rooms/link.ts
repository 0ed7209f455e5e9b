import { type Arrival, LinkClock } from "../domain/room/fair-time.ts";

/** A socket, as far as its time goes. */
interface Socket {
  on(event: "pong", heard: (word: unknown) => void): unknown;
}

/** Whoever leaves so many pings unanswered is not there any more. */
const UNANSWERED = 2;

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
  #answeredAt: number;
  #unanswered = 0;

  constructor(socket: Socket, deps: LinkDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#answeredAt = deps.now();
    socket.on("pong", (word) => this.#heard(String(word)));
  }

  /** When it last showed that it is there. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  measure(): void {
    const word = this.#deps.newWord?.();
    if (word === undefined) return;
    this.#clock.pinged(word, this.#deps.now());
    this.#ping(word);
  }

  /**
   * Keeps the socket open, and tells whether anybody is still there. Of a phone that never asks for the time these are
   * the pings it is measured with, until enough is known.
   */
  beat(): boolean {
    if (this.#unanswered >= UNANSWERED) return false;
    this.#unanswered += 1;
    if (this.#clock.isLearning && this.#deps.newWord) this.measure();
    else this.#ping("");
    return true;
  }

  /** Asks once more whom nothing was heard of since their turn: a ping may be lost with the network that one walks out of. */
  remind(): void {
    if (this.#unanswered > 0) this.beat();
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

  #ping(word: string): void {
    if ("ping" in this.#socket && typeof this.#socket.ping === "function") this.#socket.ping(word);
  }

  #heard(word: string): void {
    this.#answeredAt = this.#deps.now();
    this.#unanswered = 0;
    if (word !== "") this.#clock.ponged(word, this.#answeredAt);
  }
}

import { Refusal } from "../../../domain/refusal.ts";

/** Who asks for a seat; and who has one, and comes to take it: the latter goes first, since a seat is not kept for ever. */
export type Errand = "seat" | "socket";

/** Says that the work is done. */
export type Leave = () => void;

/** So many joins at work at once: enough to share their questions to the database, and few enough for a turn of the loop. */
const AT_WORK = 16;

/** Whoever would wait longer is told when to come again: phones and edges give up after ten seconds. */
const LONGEST_MS = 4000;
const RETRY_LEAST_MS = 1000;
const RETRY_MOST_MS = 10_000;

/** How much the latest join counts in what a join takes. */
const LATEST = 0.05;

/** What a join takes before any was measured. */
const FIRST_GUESS_MS = 4;

export interface LineDeps {
  readonly monotonic: () => number;
  /** Calls back once all that is ready by now has had its turn. */
  readonly nextTurn: (go: () => void) => void;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly atWork?: number;
}

interface Waiting {
  readonly isGone: () => boolean;
  readonly enter: (leave: Leave) => void;
}

/**
 * The line before the door. When everybody comes back at once, so many joins are worked at and the others wait, first come
 * first served: between two of them the loop turns, and what the rest of the process is asked meanwhile is answered as if
 * there were no crowd. Whoever would wait too long is sent away before anything was done for them.
 */
export class Line {
  readonly #deps: LineDeps;
  readonly #waiting: Readonly<Record<Errand, Waiting[]>> = { seat: [], socket: [] };
  #atWork = 0;
  #isCalling = false;
  #msAJoin = FIRST_GUESS_MS;
  #leftAt = Number.NEGATIVE_INFINITY;

  constructor(deps: LineDeps) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#waiting.seat.length + this.#waiting.socket.length;
  }

  /** Resolves when it is their turn. Throws UNAVAILABLE if that would take too long; `isGone`: they did not wait for it. */
  enter(errand: Errand, isGone: () => boolean = () => false): Promise<Leave> {
    if (this.waiting === 0 && this.#atWork < this.#most) return Promise.resolve(this.#begin());
    const waitMs = this.waiting * this.#msAJoin;
    if (errand === "seat" && waitMs > LONGEST_MS) return Promise.reject(this.#comeAgain(waitMs));
    const { promise, resolve } = Promise.withResolvers<Leave>();
    this.#waiting[errand].push({ isGone, enter: resolve });
    return promise;
  }

  get #most(): number {
    return this.#deps.atWork ?? AT_WORK;
  }

  /** Once those who wait now are through; not all who are sent away come back in the same moment. */
  #comeAgain(waitMs: number): Refusal {
    const afterMs = waitMs * (0.5 + this.#deps.random());
    const retryAfterMs = Math.min(RETRY_MOST_MS, Math.max(RETRY_LEAST_MS, afterMs));
    return new Refusal("UNAVAILABLE", "Too many come at once: come again in a moment", { retryAfterMs });
  }

  #begin(): Leave {
    this.#atWork += 1;
    let isAtWork = true;
    return () => {
      if (!isAtWork) return;
      isAtWork = false;
      this.#atWork -= 1;
      this.#measure();
      this.#call();
    };
  }

  /** While somebody waits, the time from one who leaves to the next is what a join takes. */
  #measure(): void {
    const now = this.#deps.monotonic();
    if (this.waiting > 0 && this.#leftAt > Number.NEGATIVE_INFINITY) {
      this.#msAJoin += LATEST * (Math.min(LONGEST_MS, now - this.#leftAt) - this.#msAJoin);
    }
    this.#leftAt = this.waiting > 0 ? now : Number.NEGATIVE_INFINITY;
  }

  /** In the next turn of the loop: what is ready now goes before them. */
  #call(): void {
    if (this.#isCalling || this.waiting === 0) return;
    this.#isCalling = true;
    this.#deps.nextTurn(() => {
      this.#isCalling = false;
      this.#admit();
    });
  }

  #admit(): void {
    while (this.#atWork < this.#most) {
      const next = this.#waiting.socket.shift() ?? this.#waiting.seat.shift();
      if (!next) return;
      if (!next.isGone()) next.enter(this.#begin());
      // Nobody is left to hear of it, but whoever called waits for a word.
      else next.enter(() => undefined);
    }
  }
}

import { type Arrival, LinkClock } from "../../domain/room/fair-time.ts";
import type { Random } from "./random.ts";

export interface LinkOf {
  /** One way, in milliseconds, and how much longer it may take. */
  readonly upMs: number;
  readonly downMs: number;
  readonly jitterMs: number;
  /** How far the phone's clock is ahead of the server's. */
  readonly aheadMs: number;
}

/** What a phone says of its clock, when it asks and when it was pressed; an honest one says what it shows. */
export type Says = (shown: number) => number;
const honest: Says = (shown) => shown;

const SYNCS = 8;

/** A phone at the end of a line on which nothing overtakes anything, and what the server makes of it. */
export class SimulatedLink {
  readonly clock = new LinkClock();
  readonly #of: LinkOf;
  readonly #random: Random;
  #lastUp = 0;
  #lastDown = 0;
  #words = 0;

  constructor(of: LinkOf, random: Random) {
    this.#of = of;
    this.#random = random;
  }

  /** Joins, and asks for the time again and again; returns when it has asked enough. */
  join(at: number, { syncs = SYNCS, says = honest, answersLateBy = 0 } = {}): number {
    let now = this.#pingPong(at, answersLateBy);
    for (let sync = 0; sync < syncs; sync++) {
      const t0 = says(now + this.#of.aheadMs);
      const arrived = this.#up(now);
      this.clock.synced(t0, arrived);
      now = this.#pingPong(arrived, answersLateBy);
    }
    return now;
  }

  /** Presses at that moment of true time. */
  press(at: number, says: Says = honest): { readonly arrival: Arrival; readonly pressedAt: number } {
    return { arrival: this.clock.arrival(this.#up(at)), pressedAt: says(at + this.#of.aheadMs) };
  }

  /** The server pings and answers; returns when the phone has both. */
  #pingPong(at: number, lateBy: number): number {
    const word = String(++this.#words);
    this.clock.pinged(word, at);
    const heard = this.#down(at);
    this.clock.ponged(word, this.#up(heard + lateBy));
    return this.#down(at);
  }

  #up(at: number): number {
    this.#lastUp = Math.max(this.#lastUp, at + this.#of.upMs + this.#jitter());
    return this.#lastUp;
  }

  #down(at: number): number {
    this.#lastDown = Math.max(this.#lastDown, at + this.#of.downMs + this.#jitter());
    return this.#lastDown;
  }

  #jitter(): number {
    return this.#random.below(this.#of.jitterMs + 1);
  }
}

const HOUR_MS = 3_600_000;

const line = (upMs: number, downMs = upMs, jitterMs = 0, aheadMs = 0): LinkOf => ({ upMs, downMs, jitterMs, aheadMs });

/** Two phones, as the table in docs/twintuition.md names them. */
export const TWO_LINKS: readonly (readonly [name: string, one: LinkOf, other: LinkOf])[] = [
  ["20 ms and 20 ms", line(20), line(20)],
  ["20 ms and 200 ms", line(20), line(200)],
  ["20 ms and 800 ms", line(20), line(800)],
  ["800 ms and 800 ms", line(800), line(800)],
  ["60 ms with 200 ms of jitter, both", line(60, 60, 200), line(60, 60, 200)],
  ["20 ms, and 400 ms with 300 ms of jitter", line(20), line(400, 400, 300)],
  ["up 300 ms and down 20 ms, and the other way round", line(300, 20), line(20, 300)],
  ["up 700 ms and down 100 ms, and 20 ms", line(700, 100), line(20)],
  ["20 ms an hour ahead, and 20 ms an hour behind", line(20, 20, 0, HOUR_MS), line(20, 20, 0, -HOUR_MS)],
  [
    "800 ms an hour ahead, and 50 ms with jitter an hour behind",
    line(800, 800, 0, HOUR_MS),
    line(50, 50, 100, -HOUR_MS),
  ],
];

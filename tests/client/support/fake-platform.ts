import type { Platform } from "../../../client/platform.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

type Answer = (url: string, init: RequestInit) => Response | Promise<Response>;

/** A phone whose clock only the test moves, and whose network is a function. */
export class FakePlatform implements Platform {
  #now = Date.UTC(2026, 0, 1);
  #timers: Timer[] = [];
  #keys = 0;
  /** What `random` gives. */
  chance = 0.5;
  answer: Answer = () => Promise.reject(new TypeError("fetch failed"));

  now = (): number => this.#now;
  random = (): number => this.chance;
  newKey = (): string => String(++this.#keys).padStart(32, "0");
  fetch = async (url: string, init: RequestInit): Promise<Response> => this.answer(url, init);

  after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  };

  /** Timers that would still fire. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** When the next one fires, in milliseconds from now. */
  get nextIn(): number | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next && next.at - this.#now;
  }

  /** Lets time pass, and everything happen that then happens. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers = this.#timers.filter((one) => one !== next);
      next.callback();
      await settled();
    }
    this.#now = until;
  }

  #next(until: number): Timer | undefined {
    return this.#timers.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
  }
}

/** Everything that needs no time has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

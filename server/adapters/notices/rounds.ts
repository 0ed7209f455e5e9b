export interface RoundsOptions {
  /** How long after the start, or after the last one began, the next one begins by itself; never, if it is not given. */
  readonly everyMs?: number;
  /** However often it is hurried, two begin at least that far apart. */
  readonly apartMs: number;
  /** Never rejects. */
  readonly round: () => Promise<unknown>;
}

/** Work that is done again and again, one round after the other, sooner if somebody asks for it, and not too often. */
export class Rounds {
  readonly #options: RoundsOptions;
  #isGoing = false;
  #isHurried = false;
  #beganAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #current: Promise<unknown> | undefined;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isGoing = true;
    this.#beganAt = performance.now();
    this.#plan();
  }

  /** One that is under way may have looked already: another one follows. */
  hurry(): void {
    if (this.#isHurried) return;
    this.#isHurried = true;
    this.#plan();
  }

  /** Until the one under way is over. */
  async stop(): Promise<void> {
    this.#isGoing = false;
    clearTimeout(this.#timer);
    await this.#current;
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const { everyMs, apartMs } = this.#options;
    const pauseMs = this.#isHurried ? apartMs : everyMs;
    if (!this.#isGoing || this.#current || pauseMs === undefined) return;
    const dueInMs = this.#beganAt + pauseMs - performance.now();
    this.#timer = setTimeout(() => this.#begin(), Math.max(0, dueInMs)).unref();
  }

  #begin(): void {
    this.#isHurried = false;
    this.#beganAt = performance.now();
    this.#current = this.#options.round().finally(() => {
      this.#current = undefined;
      this.#plan();
    });
  }
}

import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

/** Milliseconds; null if there was nothing to measure. */
export interface Spread {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface Figures {
  readonly seconds: number;
  /** Phones in their rooms by now or before. */
  readonly joined: number;
  readonly acknowledged: number;
  readonly acknowledgedPerSecond: number;
  /** From asking to the acknowledgement, whatever happened in between. */
  readonly answers: Spread;
  /** From asking to its being on the twin's phone. */
  readonly deliveries: Spread;
  /** From asking for a seat to being up to date. */
  readonly joins: Spread;
  /** From losing the line to being up to date again. */
  readonly returns: Spread;
  /** Lines lost, whoever cut them. */
  readonly cut: number;
  /** Tries that were worth another. */
  readonly retried: number;
  /** Refusals for good, by what they said. */
  readonly errors: Readonly<Record<string, number>>;
}

/** What happened to all phones together. */
export class Tally {
  readonly answers = new Times();
  readonly deliveries = new Times();
  readonly joins = new Times();
  readonly returns = new Times();
  joined = 0;
  cut = 0;
  retried = 0;
  readonly #errors = new Map<string, number>();
  readonly #onError: (message: string) => void;
  #since = performance.now();

  constructor(onError: (message: string) => void = () => undefined) {
    this.#onError = onError;
  }

  get failed(): number {
    return [...this.#errors.values()].reduce((sum, count) => sum + count, 0);
  }

  failure(message: string): void {
    this.#errors.set(message, (this.#errors.get(message) ?? 0) + 1);
    this.#onError(message);
  }

  /** What is said from now on counts; who joined, and what went wrong, is not forgotten. */
  begin(): void {
    this.answers.clear();
    this.deliveries.clear();
    this.#since = performance.now();
  }

  figures(): Figures {
    const seconds = (performance.now() - this.#since) / 1000;
    const acknowledged = this.answers.count;
    return {
      seconds: rounded(seconds),
      joined: this.joined,
      acknowledged,
      acknowledgedPerSecond: rounded(acknowledged / seconds),
      answers: this.answers.spread(),
      deliveries: this.deliveries.spread(),
      joins: this.joins.spread(),
      returns: this.returns.spread(),
      cut: this.cut,
      retried: this.retried,
      errors: Object.fromEntries(this.#errors),
    };
  }
}

/** Many times in little memory, each within a thousandth. */
export class Times {
  readonly #histogram: RecordableHistogram = createHistogram();

  get count(): number {
    return this.#histogram.count;
  }

  add(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * 1000)));
  }

  clear(): void {
    this.#histogram.reset();
  }

  spread(): Spread {
    const { count } = this;
    const at = (percent: number) => (count === 0 ? null : rounded(this.#histogram.percentile(percent) / 1000));
    return { count, p50: at(50), p99: at(99), max: at(100) };
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

import { Away } from "../../domain/deliveries.ts";
import { Undeliverable } from "../../domain/undeliverable.ts";

/** So many failures in a row, of different messages, are not about a message. */
const FAILURES = 5;

/** How long nobody asks then. After that one may, and its answer decides for all. */
const OPEN_MS = 30_000;

export type CircuitState = "closed" | "open" | "half-open";

export interface CircuitDeps {
  /** Milliseconds on a clock that nobody sets. */
  readonly monotonic: () => number;
  /** Told once when it opens, and once when it closes again. */
  readonly changed: (state: CircuitState) => void;
}

/**
 * Keeps from asking a provider that is down: what waits keeps its attempts, and the provider is not flooded when it
 * comes back. A message that is refused says nothing of the provider, who was there to refuse it.
 */
export class Circuit {
  readonly #deps: CircuitDeps;
  #failures = 0;
  #openUntil = Number.NEGATIVE_INFINITY;
  #isTrying = false;

  constructor(deps: CircuitDeps) {
    this.#deps = deps;
  }

  get state(): CircuitState {
    if (this.#failures < FAILURES) return "closed";
    return this.#left() > 0 ? "open" : "half-open";
  }

  /** Throws Away without asking while the provider is known to be down. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { state } = this;
    if (state === "open") throw new Away(Math.ceil(this.#left()));
    if (state === "half-open" && this.#isTrying) throw new Away(OPEN_MS);
    const isTrial = state === "half-open";
    if (isTrial) this.#isTrying = true;
    try {
      const answer = await work();
      this.#close();
      return answer;
    } catch (error) {
      if (error instanceof Undeliverable) this.#close();
      else this.#fail(error);
      throw error;
    } finally {
      // Whoever began before it opened ends in between, and is not the one that is waited for.
      if (isTrial) this.#isTrying = false;
    }
  }

  #left(): number {
    return this.#openUntil - this.#deps.monotonic();
  }

  #close(): void {
    const wasOpen = this.#failures >= FAILURES;
    this.#failures = 0;
    if (wasOpen) this.#deps.changed("closed");
  }

  /** A provider that says when to come again is taken at its word, and is not down. */
  #fail(error: unknown): void {
    if (error instanceof Away) return;
    this.#failures++;
    if (this.#failures < FAILURES) return;
    this.#openUntil = this.#deps.monotonic() + OPEN_MS;
    if (this.#failures === FAILURES) this.#deps.changed("open");
  }
}

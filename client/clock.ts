import type { Platform } from "./platform.ts";

interface Sample {
  readonly offsetMs: number;
  /** The offset is right within this, either way. */
  readonly uncertaintyMs: number;
}

/** More would remember a network that the phone has left. */
const SAMPLES = 8;

/**
 * How far the server's clock is ahead of this device's. Each question brings the moments it left, arrived, was answered
 * and came back, as in NTP; the one of the last eight that was quickest on its way says most.
 */
export class ServerClock {
  readonly #platform: Platform;
  #samples: Sample[] = [];

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Milliseconds since 1970 by the server's clock, as well as we know. */
  now(): number {
    return this.#platform.now() + (this.best?.offsetMs ?? 0);
  }

  /** Undefined before the first answer. */
  get best(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>(
      (best, sample) => (best && best.uncertaintyMs <= sample.uncertaintyMs ? best : sample),
      undefined,
    );
  }

  /** `t0` left here, `t1` arrived there, `t2` left there, `t3` came back here. */
  learn({ t0, t1, t2 }: { t0: number; t1: number; t2: number }, t3: number): void {
    const awayMs = t3 - t0 - (t2 - t1);
    // A clock that was set in between says nothing.
    if (awayMs < 0) return;
    const sample = { offsetMs: (t1 - t0 + (t2 - t3)) / 2, uncertaintyMs: awayMs / 2 };
    this.#samples = [...this.#samples, sample].slice(-SAMPLES);
  }
}

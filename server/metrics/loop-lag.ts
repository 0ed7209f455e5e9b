import { monitorEventLoopDelay } from "node:perf_hooks";

/** How often the loop is looked at; a sample says how late it was, beyond that. */
const RESOLUTION_MS = 10;

/** One window is kept beside the present one, so what is read covers the last quarter to half a minute. */
const WINDOW_MS = 15_000;

/** The share of samples, as Prometheus writes it, and as Node does. */
const QUANTILES = [
  ["0.5", 50],
  ["0.99", 99],
  ["1", 100],
] as const;

export interface LoopLag {
  /** In seconds, by quantile: the worse of the last two windows. Whoever asks takes nothing away from the next who does. */
  read(): readonly (readonly [quantile: string, seconds: number])[];
  stop(): void;
}

/** How late this process comes to its work: what is above some ten milliseconds, every phone feels. */
export function watchLoopLag(): LoopLag {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const present = () => QUANTILES.map(([, percent]) => (delay.count === 0 ? 0 : lagOf(delay.percentile(percent))));
  let before = present();
  const turn = () => {
    before = present();
    delay.reset();
  };
  const timer = setInterval(turn, WINDOW_MS).unref();
  return {
    read: () => present().map((lag, at) => [QUANTILES[at]?.[0] ?? "", Math.max(lag, before[at] ?? 0)]),
    stop() {
      clearInterval(timer);
      delay.disable();
    },
  };
}

/** A loop that is on time is measured as one resolution. */
const lagOf = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);

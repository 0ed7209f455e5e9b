/**
 * How often chance alone would have made a moment of two presses: two people who press at random times, independently
 * of each other, each at their own rate. See docs/twintuition.md.
 */

/** People sleep: as many presses in fewer hours meet more often. */
const AWAKE_MS_A_DAY = 16 * 60 * 60 * 1000;

/** Fewer are counted as this many. */
const FEWEST_PRESSES = 8;

/** Where chance keeps the number in 95 of 100 cases. */
const TAIL = 0.025;

/** So many are as good as normally distributed, and `TAIL` is so many standard deviations away. */
const MANY = 200;
const SPREAD = 1.96;

export interface PressRates {
  /** Presses of each of the two in those days. */
  readonly presses: readonly [number, number];
  readonly days: number;
  readonly windowMs: number;
}

/**
 * Rounded up to 8, 16, 32 …: what one twin pressed without an answer is nobody's business, and a figure made of it must
 * not tell it. What is rounded up makes chance look better than it is, and no moment rarer.
 */
export function roundedPresses(presses: number): number {
  return 2 ** Math.max(Math.log2(FEWEST_PRESSES), Math.ceil(Math.log2(Math.max(1, presses))));
}

/** A press finds an open one of the other within the window before it; and each of the two can be the later one. */
export function expectedMoments({ presses: [a, b], days, windowMs }: PressRates): number {
  const share = windowMs / (days * AWAKE_MS_A_DAY);
  const met = a * -Math.expm1(-b * share) + b * -Math.expm1(-a * share);
  return Math.min(met, a, b);
}

/** The 2.5th and the 97.5th percentile of so many rare, independent events (Poisson). */
export function chanceInterval(expected: number): { low: number; high: number } {
  return { low: quantile(expected, TAIL), high: quantile(expected, 1 - TAIL) };
}

function quantile(mean: number, share: number): number {
  if (mean > MANY) return Math.max(0, Math.round(mean + (share < 0.5 ? -SPREAD : SPREAD) * Math.sqrt(mean)));
  let term = Math.exp(-mean);
  let sum = term;
  let count = 0;
  while (sum < share) {
    count += 1;
    term *= mean / count;
    sum += term;
  }
  return count;
}

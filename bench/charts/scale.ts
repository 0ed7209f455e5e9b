export interface Scale {
  /** Where a value lies. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

export type Range = readonly [from: number, to: number];

/** About so many ticks are read at a glance. */
const TICKS = 5;

/** From zero, or below it, to the first round number that holds all values. */
export function linearScale(values: readonly number[], range: Range): Scale {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const step = roundStep((most - least || 1) / TICKS);
  const [first, last] = [Math.floor(least / step), Math.max(1, Math.ceil(tolerant(most / step)))];
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => exact((first + n) * step));
  return { at: between([first * step, last * step], range), ticks };
}

/** From a power of ten to a power of ten; where these are two at most, twos and fives are ticks as well. Values are above zero. */
export function logScale(values: readonly number[], range: Range): Scale {
  const exponents = values.filter((value) => value > 0).map(Math.log10);
  if (exponents.length === 0) return logScale([1], range);
  const first = Math.floor(tolerant(Math.min(...exponents)));
  const last = Math.max(first + 1, Math.ceil(tolerant(Math.max(...exponents))));
  const place = between([first, last], range);
  const steps = last - first <= 2 ? [1, 2, 5] : [1];
  const decades = Array.from({ length: last - first }, (_, n) => first + n);
  const ticks = [...decades.flatMap((decade) => steps.map((step) => exact(step * 10 ** decade))), exact(10 ** last)];
  // What is nothing lies at the edge: there is no place for it.
  return { at: (value) => place(Math.max(first, Math.log10(Math.max(value, Number.MIN_VALUE)))), ticks };
}

/** The next of 1, 2, 5, 10, … that is not less. */
export function roundStep(atLeast: number): number {
  const decade = 10 ** Math.floor(Math.log10(atLeast));
  const step = [1, 2, 5, 10].find((one) => one * decade >= atLeast * (1 - 1e-9)) ?? 10;
  return exact(step * decade);
}

const between =
  ([from, to]: Range, [start, end]: Range) =>
  (value: number): number =>
    start + ((value - from) / (to - from)) * (end - start);

/** What arithmetic has made a hair too much or too little is the whole number that was meant. */
const tolerant = (value: number): number => (Math.abs(value - Math.round(value)) < 1e-9 ? Math.round(value) : value);

const exact = (value: number): number => Number(value.toPrecision(12));

const LARGE: readonly (readonly [from: number, letter: string])[] = [
  [1e9, "G"],
  [1e6, "M"],
  [1e4, "k"],
];

/** Short: 20 k for 20,000. */
export function tickText(value: number): string {
  const [from, letter] = LARGE.find(([large]) => Math.abs(value) >= large) ?? [1, ""];
  const unit = letter === "k" ? 1000 : from;
  const short = Number((value / unit).toPrecision(3));
  return `${short.toLocaleString("en-GB", { maximumFractionDigits: 6 })}${letter && ` ${letter}`}`;
}

/** What was asked of a figure, in the figure's own unit. */
export interface Asked {
  readonly sign: "≤" | "≥" | "<";
  readonly than: number;
}

export const atMost = (than: number): Asked => ({ sign: "≤", than });
export const atLeast = (than: number): Asked => ({ sign: "≥", than });
export const below = (than: number): Asked => ({ sign: "<", than });

/** What could not be measured is not met. */
export function isMet({ sign, than }: Asked, value: number | null): boolean {
  if (value === null) return false;
  if (sign === "≤") return value <= than;
  return sign === "≥" ? value >= than : value < than;
}

export const asText = ({ sign, than }: Asked): string => `${sign} ${numberText(than)}`;

const ROUND_FROM = 100;
const DIGITS = 3;

/** As many digits as mean something: 0.0512 is 0.051, 12,345.6 is 12,346. */
export function numberText(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "–";
  if (Math.abs(value) >= ROUND_FROM || Number.isInteger(value)) return Math.round(value).toLocaleString("en-GB");
  return String(Number(value.toPrecision(Math.abs(value) < 1 ? DIGITS - 1 : DIGITS)));
}

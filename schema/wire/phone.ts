import { z } from "zod";
import { isStorable } from "./text.ts";

/** Of any script that has them: an Arabic keyboard types other figures. */
export function plainDigits(text: string): string {
  return text.normalize("NFKC").replace(/\p{Nd}/gu, (digit) => String(figureOf(digit)));
}

/** Every script's ten figures stand in a row that begins at a figure whose neighbour before is none. */
function figureOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  for (let value = 0; value < 10; value++) {
    const before = String.fromCodePoint(code - value - 1);
    if (!/\p{Nd}/u.test(before) || value === 9) return value;
  }
  return 0;
}

/** ITU E.164: a plus, a country, at most fifteen figures. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** A number as people write it, with its country: spaces, dashes, dots and brackets do not matter. */
export const PhoneNumber = z
  .string()
  .max(64, "is too long")
  .refine(isStorable, "contains characters that cannot be stored")
  .transform((written) => plainDigits(written).replace(/[\p{Z}\p{Cf}\p{Pd}\s().\u2212/]/gu, ""))
  .transform((number) => number.replace(/^00/, "+"))
  .refine((number) => E164.test(number), "must be a phone number with its country, like +49 30 123456");

const CODE_DIGITS = 6;

/** Six figures, as a keyboard or a phone's own filling in brings them. */
export const PhoneCode = z
  .string()
  .max(64, "is too long")
  .transform((written) => plainDigits(written).replace(/[\p{Z}\p{Cf}\p{Pd}\s]/gu, ""))
  .refine((code) => code.length === CODE_DIGITS && /^\d+$/.test(code), "must be the six figures of the message");

/** Days are ten characters, like 1990-08-23, and compare as they sort. */

/** The day it is, everywhere the same: that of UTC. `at` is in milliseconds since 1970. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/**
 * Whole years lived on `today`. One is a year older from the start of one's birthday on; who was born on 29 February has
 * it on 1 March where there is no such day.
 */
export function ageOn(today: string, birthDate: string): number {
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return today.slice(5) >= birthDate.slice(5) ? years : years - 1;
}

/** The first day of each sign of the tropical zodiac, as month-day. The year begins in the last of them. */
const SIGNS = [
  ["01-20", "Aquarius"],
  ["02-19", "Pisces"],
  ["03-21", "Aries"],
  ["04-20", "Taurus"],
  ["05-21", "Gemini"],
  ["06-21", "Cancer"],
  ["07-23", "Leo"],
  ["08-23", "Virgo"],
  ["09-23", "Libra"],
  ["10-23", "Scorpio"],
  ["11-22", "Sagittarius"],
  ["12-22", "Capricorn"],
] as const;

export function zodiacSign(birthDate: string): string {
  const day = birthDate.slice(5);
  return SIGNS.findLast(([first]) => first <= day)?.[1] ?? "Capricorn";
}

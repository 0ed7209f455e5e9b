import type { Settings } from "../schema/wire/people.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** A zone that this machine has no clock for; nobody's night is guessed at. */
const PLAIN = "UTC";

/** What a clock on the wall shows there, in minutes since midnight. */
function wallMinutes(timeZone: string, at: number): number {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const [hours = 0, minutes = 0] = clock.format(at).split(":").map(Number);
  return hours * 60 + minutes;
}

const minutesOf = (wall: string): number => {
  const [hours = 0, minutes = 0] = wall.split(":").map(Number);
  return hours * 60 + minutes;
};

function known(timeZone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return timeZone;
  } catch {
    return PLAIN;
  }
}

/** From `start` until before `end`, over midnight if need be; the same time twice is no time at all. */
function isBetween(minutes: number, start: number, end: number): boolean {
  if (start === end) return false;
  return start < end ? minutes >= start && minutes < end : minutes >= start || minutes < end;
}

/**
 * When somebody's quiet hours end, in milliseconds since 1970; undefined if they are not in them. It is the clock on
 * their wall that counts, so they sleep as long when clocks change; a minute that the wall never shows is passed over.
 */
export function quietUntil(
  { quietHours }: Pick<Settings, "quietHours">,
  zone: string,
  now: number,
): number | undefined {
  const { enabled, start, end } = quietHours;
  const timeZone = known(zone);
  const [from, to] = [minutesOf(start), minutesOf(end)];
  const isQuietAt = (at: number) => isBetween(wallMinutes(timeZone, at), from, to);
  if (!enabled || !isQuietAt(now)) return undefined;
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  // As the wall has it, and then as far off as clocks that change in between have put it.
  const left = (to - wallMinutes(timeZone, now) + DAY_MINUTES) % DAY_MINUTES;
  return firstAfter(minute + left * MINUTE_MS, isQuietAt);
}

/** Clocks change by an hour or two; a step at a time is enough, for it is asked but once a push. */
function firstAfter(guess: number, isQuietAt: (at: number) => boolean): number {
  let at = guess;
  while (isQuietAt(at)) at += MINUTE_MS;
  while (!isQuietAt(at - MINUTE_MS)) at -= MINUTE_MS;
  return at;
}

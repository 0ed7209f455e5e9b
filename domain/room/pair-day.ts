/**
 * The pair's clock stands halfway between the clocks on the walls of the two: twins in one place have that place's days,
 * and of twins apart neither is nearer to midnight than the other. `zones` as in profiles (Europe/Berlin).
 */
export function dayOfPair(at: number, zones: readonly string[]): string {
  return new Date(at + offsetOfPair(at, zones)).toISOString().slice(0, 10);
}

/** When the pair's next day begins, in milliseconds since 1970. */
export function nextDayOfPair(at: number, zones: readonly string[]): number {
  const offset = offsetOfPair(at, zones);
  return (Math.floor((at + offset) / DAY_MS) + 1) * DAY_MS - offset;
}

export const DAY_MS = 24 * 60 * 60 * 1000;

function offsetOfPair(at: number, zones: readonly string[]): number {
  const offsets = zones.map((zone) => offsetOf(zone, at));
  return offsets.reduce((sum, offset) => sum + offset, 0) / Math.max(1, offsets.length);
}

/** How far a zone's wall clocks are ahead of UTC just then, in milliseconds. */
function offsetOf(zone: string, at: number): number {
  const format = wallClockOf(zone);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return wall - Math.floor(at / 1000) * 1000;
}

const SHOWN = {
  hourCycle: "h23",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
} as const;

/** A zone that this machine has no clock for counts as UTC. */
function wallClockOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en", { ...SHOWN, timeZone });
  } catch {
    return new Intl.DateTimeFormat("en", { ...SHOWN, timeZone: "UTC" });
  }
}

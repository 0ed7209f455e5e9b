const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export const clockTime = (iso: string): string => clock.format(new Date(iso));

export const exactTime = (iso: string): string => exact.format(new Date(iso));

/** `now` in milliseconds since 1970. */
export function dayOf(iso: string, now: number): string {
  const on = new Date(iso).toDateString();
  if (on === new Date(now).toDateString()) return "Today";
  if (on === new Date(now - 86_400_000).toDateString()) return "Yesterday";
  return day.format(new Date(iso));
}

export const isSameDay = (one: string, other: string): boolean =>
  new Date(one).toDateString() === new Date(other).toDateString();

/** How long something lasts: `1:05`. */
export const lengthOf = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

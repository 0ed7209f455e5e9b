import type { Person } from "../ports.ts";
import type { Agreed } from "./feature.ts";
import { LONGEST_WINDOW_MS } from "./twintuition-history.ts";

/** What the two of a pair agree on: the smaller window, and words only if neither minds. */
export function agreedBy(people: readonly Pick<Person, "windowMs" | "keywordMoments" | "timezone">[]): Agreed {
  return {
    windowMs: Math.min(LONGEST_WINDOW_MS, ...people.map(({ windowMs }) => windowMs)),
    keywordMoments: people.every(({ keywordMoments }) => keywordMoments),
    zones: people.map(({ timezone }) => timezone),
  };
}

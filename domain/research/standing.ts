/** What somebody said about one study, the last time they said something. */
export interface LastWord {
  readonly kind: "given" | "withdrawn";
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** `outdated`: the study has other words by now. Only what `holds` lets anything be collected. */
export type Standing = "holds" | "outdated" | "expired" | "withdrawn" | "none";

/** The same day a year later, to the millisecond; that of 29 February is 1 March. In milliseconds since 1970. */
export function yearAfter(at: number): number {
  const day = new Date(at);
  return day.setUTCFullYear(day.getUTCFullYear() + 1);
}

/** A consent is good for the words that were agreed to, and for a year. */
export function standingOf(last: LastWord | undefined, version: number, now: number): Standing {
  if (!last) return "none";
  if (last.kind === "withdrawn") return "withdrawn";
  if (now >= yearAfter(last.at)) return "expired";
  return last.version === version ? "holds" : "outdated";
}

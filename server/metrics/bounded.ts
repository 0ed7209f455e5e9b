/** What stands for all that came too late to get a series of its own. */
const OTHER = "other";

/** More than there are commands, routes or jobs. */
const MOST = 200;

/**
 * Every value of a label is a series kept for ever, here and in Prometheus. Ours come from lists in the code; should one
 * ever come from outside, the first two hundred are told apart and the rest are one.
 */
export function bounded(most = MOST): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= most) return OTHER;
    known.add(value);
    return value;
  };
}

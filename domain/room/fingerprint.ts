import { hash } from "node:crypto";

/** Raised when the form below changes: hashes of an older form then prove nothing, and the key alone decides. */
const FORMAT = 1;

/**
 * What a client asked for, in a few bytes: the same for the same wish, whichever door it came by and however its fields
 * are ordered. Fields left out and fields that are null are the same, so a field added later makes no false alarm.
 */
export function fingerprint(name: string, input: unknown): string {
  const form = JSON.stringify([name, sorted(input)]);
  return `${FORMAT}:${hash("sha256", form, "base64url")}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const said = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return said.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]);
}

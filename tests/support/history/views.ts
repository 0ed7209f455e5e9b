import type { Heard, Observation, Place, Stored } from "./record.ts";

/** The fields that say the same to everybody. */
const CONTENT = [
  "key",
  "senderId",
  "type",
  "text",
  "encrypted",
  "media",
  "location",
  "replyTo",
  "reactions",
  "pinned",
  "sentAt",
  "editedAt",
  "deletedAt",
] as const satisfies (keyof Heard)[];

/** What no later change touches. */
const FOR_EVER = ["key", "senderId", "type", "replyTo", "sentAt"] as const satisfies (keyof Heard)[];

/** As a line of text, so that two can be compared; fields that were not heard are left out of both. */
function lineOf(message: Heard, fields: readonly (keyof Heard)[], beside: Heard): string {
  const known = fields.filter((field) => message[field] !== undefined && beside[field] !== undefined);
  return JSON.stringify(known.map((field) => [field, message[field]]));
}

export const hasSameContent = (one: Heard, other: Heard): boolean => isSame(one, other, CONTENT);
export const isSameMessage = (one: Heard, other: Heard): boolean =>
  one.id === other.id && one.seq === other.seq && isSame(one, other, FOR_EVER);

function isSame(one: Heard, other: Heard, fields: readonly (keyof Heard)[]): boolean {
  return lineOf(one, fields, other) === lineOf(other, fields, one);
}

/** What this person should see of a stored message in the end. */
export function viewOf(stored: Stored, person: string): Heard {
  const { hides, ...message } = stored;
  const hide = hides.find(({ userId }) => userId === person);
  if (!hide) return message;
  const { id, seq, version } = message;
  return { id, seq, version: Math.max(version, hide.version), hidden: true };
}

/** Every message that was heard, whichever way. */
export function* heardIn(observations: readonly Observation[]): Iterable<{ at: Place; message: Heard }> {
  for (const at of observations) {
    if (at.type === "told") yield { at, message: at.message };
    else if (at.type === "window" || at.type === "synced" || at.type === "paged" || at.type === "shown") {
      for (const message of at.messages) yield { at, message };
    }
  }
}

export function groupBy<T>(items: Iterable<T>, nameOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

export const short = (message: Heard): string =>
  `seq ${message.seq} (${message.id.slice(-8)}, version ${message.version}${message.hidden ? ", hidden" : ""})`;

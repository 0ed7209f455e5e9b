import type { ShownMessage } from "../../client/react.ts";
import { plainText } from "../plain-text.ts";

const KINDS = { image: "A photo", voice: "A voice message", text: "", emoji: "", location: "" } as const;

/** A message in words: what it says, or what it is. */
export function wordsOf({ type, text, encrypted, location, deletedAt }: ShownMessage): string {
  if (deletedAt !== null) return "This message was deleted";
  if (location) return placeOf(location);
  if (text !== null) return plainText(text);
  if (encrypted !== null) return "An encrypted message";
  return KINDS[type] || "A message";
}

const placeOf = ({ lat, lon, label }: NonNullable<ShownMessage["location"]>): string =>
  `${label === undefined ? "A place" : plainText(label)} (${lat.toFixed(4)}, ${lon.toFixed(4)})`;

import { randomBytes, randomFillSync } from "node:crypto";
import type { Chance } from "../domain/ports.ts";

/** A call to the generator costs the same for sixteen bytes and for thousands, and each message needs a few. */
const DRAWN_AT_ONCE = 4096;

/** Hexadecimal digits of so many bytes, each used once. */
const hex = digitsFrom(Buffer.alloc(DRAWN_AT_ONCE));

function digitsFrom(drawn: Buffer): (bytes: number) => string {
  let at = drawn.length;
  return (bytes) => {
    if (at + bytes > drawn.length) {
      randomFillSync(drawn);
      at = 0;
    }
    at += bytes;
    return drawn.toString("hex", at - bytes, at);
  };
}

export const chance: Chance = {
  newId(at) {
    const time = at.toString(16).padStart(12, "0");
    const random = hex(10);
    // Version 7, and the variant that says this is a UUID of RFC 9562.
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
  },
  newSalt: () => hex(16),
  bytes: (count) => randomBytes(count),
};

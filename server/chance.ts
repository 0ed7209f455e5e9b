import { randomBytes } from "node:crypto";
import type { Chance } from "../domain/ports.ts";

/** Each request has an id, and asking the system for so few bytes each time costs more than all else about it. */
const drawn = drawnAhead(10, 400);

export const chance: Chance = {
  newId(at) {
    const time = at.toString(16).padStart(12, "0");
    const random = drawn();
    // Version 7, and the variant that says this is a UUID of RFC 9562.
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
  },
  newSalt: () => randomBytes(16).toString("hex"),
  bytes: (count) => randomBytes(count),
};

/** So many bytes in hex, each given once; drawn for many at a time. */
function drawnAhead(bytes: number, times: number): () => string {
  let [ahead, at] = ["", 0];
  return () => {
    if (at === ahead.length) [ahead, at] = [randomBytes(bytes * times).toString("hex"), 0];
    at += 2 * bytes;
    return ahead.slice(at - 2 * bytes, at);
  };
}

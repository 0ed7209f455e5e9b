import { randomBytes } from "node:crypto";
import type { Chance } from "../domain/ports.ts";

export const chance: Chance = {
  newId(at) {
    const time = at.toString(16).padStart(12, "0");
    const random = randomBytes(10).toString("hex");
    // Version 7, and the variant that says this is a UUID of RFC 9562.
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
  },
  newSalt: () => randomBytes(16).toString("hex"),
  bytes: (count) => randomBytes(count),
};

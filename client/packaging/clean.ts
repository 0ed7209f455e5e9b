import { rmSync } from "node:fs";
import { join } from "node:path";

/** What is made for the package is in the package, and nowhere else. */
for (const made of ["dist", "LICENSE"]) rmSync(join(import.meta.dirname, "..", made), { recursive: true, force: true });

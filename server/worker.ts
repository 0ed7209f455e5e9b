import { parseArgs } from "node:util";
import { commandLine } from "./command-line.ts";
import { keepCompiled } from "./compiled.ts";

const USAGE = `npm run worker
  does what is due until it is told to go (SIGTERM, or Ctrl-C), for the web processes on the same DATABASE_URL`;

commandLine(USAGE, () => parseArgs());
keepCompiled();
await import("./work.ts");

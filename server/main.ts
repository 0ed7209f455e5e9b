import { parseArgs } from "node:util";
import { commandLine } from "./command-line.ts";
import { keepCompiled } from "./compiled.ts";

const USAGE = `npm start
  serves until it is told to go (SIGTERM, or Ctrl-C); it is set by variables of its environment, as in PORT=4000 npm start`;

commandLine(USAGE, () => parseArgs());
keepCompiled();
await import("./node.ts");

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const SMOKE = join(import.meta.dirname, "../../server/smoke.ts");

export interface Smoked {
  readonly code: number | null;
  readonly said: string;
  /** What was amiss, as it was said. */
  readonly amiss: readonly string[];
}

/** Nobody's machine is so slow; what must be quick is said where it is tested. */
const WITHIN = ["--within", "10000"];

/** `npm run smoke` against that address, from that checkout. */
export async function smoke(url: string, args: readonly string[] = WITHIN, program = SMOKE): Promise<Smoked> {
  const child = spawn(process.execPath, [program, url, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const output of [child.stdout, child.stderr]) output.on("data", (words) => (said += words));
  const [code] = await once(child, "close");
  return { code, said, amiss: said.split("\n").flatMap((line) => (line.startsWith("AMISS") ? line : [])) };
}

/** Whether a deployed system is well, asked as its clients ask it: `npm run smoke -- https://api.example.org`. */
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { commandLine, Misuse } from "./command-line.ts";
import { CHECKS, type Check, GOODBYE, type Tour } from "./smoke/checks.ts";
import { Visitor } from "./smoke/visitor.ts";

const USAGE = `npm run smoke -- URL [--within MS] [--origin https://app.example.org] [--mail somebody@example.org]
  --within  what no check may take longer than; 1000 unless said
  --origin  of a page that must be let in
  --mail    whose address the two who sign up get, with a plus of their own; nobody's unless said`;

const WITHIN = "1000";

/** An address of a domain that is nobody's. */
const NOBODY = "smoke@example.org";

interface Asked {
  readonly url: URL;
  readonly withinMs: number;
  readonly origin: string | undefined;
  readonly mail: string;
}

function asked(): Asked {
  const text = { type: "string" } as const;
  const options = { within: text, origin: text, mail: text };
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const url = URL.parse(positionals[0] ?? "");
  const { within = WITHIN, mail = NOBODY, origin } = values;
  if (positionals.length !== 1 || url === null || !/^https?:$/.test(url.protocol))
    throw new Misuse("Say which system, by its URL");
  if (!/^[1-9]\d*$/.test(within)) throw new Misuse("--within is a number of milliseconds");
  if (!/.@./.test(mail)) throw new Misuse("--mail is an address");
  return { url, withinMs: Number(within), origin, mail };
}

/** Says how it went, and whether it went well. */
async function tried({ says, run }: Check, tour: Tour, withinMs: number): Promise<boolean> {
  const began = performance.now();
  const problem = await run(tour).then(() => undefined, wordsOf);
  const took = Math.round(performance.now() - began);
  const late = problem === undefined && took > withinMs ? `it took longer than ${withinMs} ms` : undefined;
  const amiss = problem ?? late;
  console.log(`${amiss ? "AMISS" : "well "} ${String(took).padStart(6)} ms  ${says}${amiss ? `: ${amiss}` : ""}`);
  return amiss === undefined;
}

/** What fetch says is no help; what it was told is. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = error.message || `it fails, and nobody says why (${error.name})`;
  return error.cause instanceof Error ? `${words} (${error.cause.message})` : words;
}

async function smoke({ url, withinMs, origin, mail }: Asked): Promise<boolean> {
  const [name, host] = mail.split("@");
  const tour: Tour = {
    visitor: new Visitor(url, withinMs),
    origin,
    address: (who) => `${name}+${who.toLowerCase()}-${randomUUID()}@${host}`,
    newId: randomUUID,
    phones: [],
  };
  let isWell = true;
  for (const check of CHECKS) isWell = (await tried(check, tour, withinMs)) && isWell;
  return (await tried(GOODBYE, tour, withinMs)) && isWell;
}

process.exit((await smoke(commandLine(USAGE, asked))) ? 0 : 1);

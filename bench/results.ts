import { readFileSync } from "node:fs";
import { z } from "zod";
import { chartSpec } from "./charts/spec.ts";
import { isCost } from "./plan/costs.ts";

const load = z.array(z.number());

const partResults = z.object({
  name: z.string(),
  measures: z.string(),
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  /** Of the last 1, 5 and 15 minutes: that before tells whether the machine was quiet. */
  loadBefore: load,
  loadAfter: load,
  /** Why it was not measured to its end. */
  failure: z.string().exactOptional(),
  figures: z.array(
    z.object({
      name: z.string(),
      value: z.number().nullable(),
      unit: z.string(),
      asked: z.string().exactOptional(),
      isMet: z.boolean().exactOptional(),
    }),
  ),
  charts: z.array(chartSpec),
  costs: z.partialRecord(z.string().refine(isCost, "a cost that the plan knows"), z.number()),
  raw: z.array(z.unknown()),
});

/** What `--json` writes, and what charts and the plan are made of. */
export const results = z.object({
  machine: z.object({ cpu: z.string(), cores: z.number(), memoryGiB: z.number(), system: z.string() }),
  versions: z.record(z.string(), z.string()),
  command: z.string(),
  parts: z.array(partResults),
});

export type Results = z.infer<typeof results>;
export type PartResults = z.infer<typeof partResults>;

/** A file that is not there, or that no part has written. */
export class NoResults extends Error {
  constructor(file: string, cause: unknown) {
    super(`${file} holds no results (${wordsOf(cause)}). They are made by: npm run bench -- <part> --json ${file}`);
  }
}

const wordsOf = (cause: unknown): string => {
  if (cause instanceof z.ZodError) return z.prettifyError(cause).split("\n").slice(0, 2).join(" ").trim();
  return cause instanceof Error ? cause.message : String(cause);
};

/** Throws `NoResults`. */
export function readResults(file: string): Results {
  try {
    return results.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new NoResults(file, error);
  }
}

import { load } from "./machine.ts";
import type { Part } from "./part.ts";
import { Report } from "./report.ts";
import type { PartResults } from "./results.ts";

/** Measures one part. What fails is told in the results, with what was found until then. */
export async function measuring(part: Part, tell: (line: string) => void): Promise<PartResults> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const report = new Report((done) => tell(`… ${part.name}, ${seconds().toFixed(0)} s: ${done}`));
  const before = { startedAt: new Date().toISOString(), loadBefore: load() };
  const failure = await failureOf(() => part.run(report));
  return {
    name: part.name,
    measures: part.measures,
    ...before,
    seconds: Math.round(seconds()),
    loadAfter: load(),
    ...(failure !== undefined && { failure }),
    ...report.found,
  };
}

async function failureOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Results } from "../results.ts";
import { drawBars } from "./bars.ts";
import { drawLines } from "./lines.ts";
import type { ChartSpec } from "./spec.ts";

const FOLDER = join(import.meta.dirname, "../../docs/charts");

export const draw = (spec: ChartSpec): string => (spec.kind === "bars" ? drawBars(spec) : drawLines(spec));

/** Every picture of these results, each from the last part that tells of it; which files were written. */
export function drawAll(found: readonly Results[], folder = FOLDER): string[] {
  const parts = found.flatMap(({ parts }) => parts).toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const latest = new Map<string, ChartSpec>();
  for (const { charts, startedAt } of parts)
    for (const chart of charts) latest.set(chart.name, dated(chart, startedAt.slice(0, 10)));
  return [...latest.values()].map((spec) => writeChart(spec, folder));
}

const dated = (spec: ChartSpec, day: string): ChartSpec => ({
  ...spec,
  description: `${spec.description} Measured on ${day}.`,
});

export function writeChart(spec: ChartSpec, folder = FOLDER): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${spec.name}.svg`);
  writeFileSync(file, draw(spec));
  return file;
}

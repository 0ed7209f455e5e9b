/**
 * The capacity plan of docs/capacity.md from docs/unit-costs.json: `npm run plan`. With files that `npm run bench -- … --json`
 * has written, what these tell of costs is taken over first: `npm run plan -- results.json`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandLine } from "../../server/command-line.ts";
import { writeChart } from "../charts/drawing.ts";
import { NoResults, type Results, readResults } from "../results.ts";
import { ASSUMED } from "./assumptions.ts";
import { planChart, planText, withPlan } from "./markdown.ts";
import { refreshed, unitCosts } from "./unit-costs.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const COSTS_FILE = join(DOCS, "unit-costs.json");
const PAGE = join(DOCS, "capacity.md");

const USAGE = `npm run plan [-- FILE …]
  writes the plan into docs/capacity.md, from docs/unit-costs.json; what files of results tell of costs is taken over first`;

const files = commandLine(USAGE, () => parseArgs({ allowPositionals: true })).positionals;
try {
  plan(files.map(readResults));
} catch (error) {
  if (!(error instanceof NoResults)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function plan(found: readonly Results[]): void {
  const known = unitCosts.parse(JSON.parse(readFileSync(COSTS_FILE, "utf8")));
  const costs = refreshed(known, found);
  writeFileSync(COSTS_FILE, `${JSON.stringify(costs, null, 2)}\n`);
  writeFileSync(PAGE, withPlan(readFileSync(PAGE, "utf8"), planText(costs, ASSUMED)));
  const chart = writeChart(planChart(costs, ASSUMED));
  console.log([COSTS_FILE, PAGE, chart].join("\n"));
}

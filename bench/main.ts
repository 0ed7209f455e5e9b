/** The figures of docs/capacity.md, on this machine: `npm run bench -- --help` has the parts. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { commandLine } from "../server/command-line.ts";
import { numberText } from "./asked.ts";
import { isQuiet, load, machine, versions } from "./machine.ts";
import { measuring } from "./measuring.ts";
import type { Part } from "./part.ts";
import { PARTS } from "./parts/index.ts";
import { tableOf } from "./report.ts";
import { NoResults, type PartResults, type Results, readResults } from "./results.ts";

const HELP = `npm run bench                                   all parts, one after the other, but those with a star
npm run bench -- <part> <part> …                these
                 --json <file>                  and what was found for machines; "-" is the standard output
                 --charts                       and the pictures of it, into docs/charts
npm run bench -- charts <file> …                the pictures of what was found before
npm run plan -- <file> …                        the capacity plan with the unit costs found before

${PARTS.map(lineOf).join("\n")}
`;

const { values, positionals } = commandLine(HELP, () =>
  parseArgs({ allowPositionals: true, options: { json: { type: "string" }, charts: { type: "boolean" } } }),
);

if (positionals[0] === "charts") await draw(positionals.slice(1));
else await measureAll(positionals);

function lineOf({ name, takes, measures, isOnlyIfNamed }: Part): string {
  return `  ${`${name}${isOnlyIfNamed ? " *" : ""}`.padEnd(16)} ${takes.padEnd(7)} ${measures}`;
}

async function measureAll(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) return complain(`There is no ${unknown.join(", no ")}.\n\n${HELP}`);
  const wanted =
    names.length === 0 ? PARTS.filter((part) => !part.isOnlyIfNamed) : PARTS.filter(({ name }) => names.includes(name));
  const found: Results = { machine: machine(), versions: versions(), command: commandOf(names), parts: [] };
  say(`${headOf(found)}\n`);
  for (const part of wanted) {
    console.error(`… ${part.name} takes about ${part.takes} where nobody else is at work`);
    const measured = await measuring(part, console.error);
    found.parts.push(measured);
    show(measured);
    // After each, since those to come may take long.
    keep(found);
  }
  if (values.json === "-") console.log(JSON.stringify(found));
  if (values.charts) await drawn([found]);
}

function show({ name, measures, figures, failure, seconds, loadBefore, loadAfter }: PartResults): void {
  const loads = `load ${numberText(loadBefore[0] ?? null)} before, ${numberText(loadAfter[0] ?? null)} after`;
  say(`## ${name}: ${measures}\n\n${seconds} s, ${loads}\n\n${figures.length > 0 ? tableOf(figures) : ""}\n`);
  if (failure !== undefined) complain(`${name} was not measured to its end: ${failure}\n`);
}

function headOf({ machine: { cpu, cores, memoryGiB }, versions: { node, postgres } }: Results): string {
  const others = isQuiet(load(), cores)
    ? "Nobody else is at work."
    : "OTHERS ARE AT WORK HERE: trust counts, CPU and ratios; times come out longer.";
  return `${cores} × ${cpu}, ${memoryGiB} GiB, Node ${node}, PostgreSQL ${postgres}, load ${load().join(" ")}. ${others}`;
}

function commandOf(names: readonly string[]): string {
  return ["npm run bench --", ...names].join(" ").replace(/ --$/, "");
}

function keep(found: Results): void {
  if (values.json !== undefined && values.json !== "-")
    writeFileSync(values.json, `${JSON.stringify(found, null, 1)}\n`);
}

async function draw(files: readonly string[]): Promise<void> {
  if (files.length === 0) return complain(`Pictures of which results?\n\n${HELP}`);
  try {
    await drawn(files.map(readResults));
  } catch (error) {
    if (!(error instanceof NoResults)) throw error;
    complain(error.message);
  }
}

async function drawn(found: readonly Results[]): Promise<void> {
  const { drawAll } = await import("./charts/drawing.ts");
  for (const file of drawAll(found)) say(file);
}

/** What people read: beside what machines do, if that takes the standard output. */
function say(words: string): void {
  if (values.json === "-") console.error(words);
  else console.log(words);
}

function complain(words: string): void {
  console.error(words);
  process.exitCode = 1;
}

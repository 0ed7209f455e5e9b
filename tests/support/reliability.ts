import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Promised, Violation } from "./history-checker.ts";

/** What came of one fault, over all its runs. */
export interface FaultRow {
  readonly fault: string;
  /** The promises it attacks. */
  readonly invariant: string;
  runs: number;
  acknowledged: number;
  lost: number;
  doubled: number;
  forked: number;
  /** Milliseconds from a phone's first retry to its next acknowledgement. */
  readonly gaps: number[];
}

/** Which promise broken is which kind of harm. */
const HARM: Readonly<Record<Promised, "lost" | "doubled" | "forked">> = {
  P2: "doubled",
  P3: "lost",
  P4: "forked",
  P5: "lost",
  P10: "lost",
  P11: "lost",
};

export interface Run {
  readonly fault: string;
  readonly invariant: string;
  readonly acknowledged: number;
  readonly violations: readonly Violation[];
  readonly gaps: readonly number[];
  readonly runs?: number;
}

/** Where each run leaves its figures, so that the table of docs/reliability.md can be made from them. */
export const FIGURES = join(tmpdir(), "twinship-reliability");

/** The faults of a run, and what came of each. */
export class Reliability {
  readonly rows: FaultRow[] = [];

  add({ fault, invariant, acknowledged, violations, gaps, runs = 1 }: Run): void {
    const row = this.rows.find((known) => known.fault === fault) ?? this.#open(fault, invariant);
    row.runs += runs;
    row.acknowledged += acknowledged;
    for (const { promise } of violations) row[HARM[promise]] += 1;
    row.gaps.push(...gaps);
  }

  /** Under that name, in place of what an earlier run left there. */
  save(name: string, about: Omit<Saved, "name" | "rows">): string {
    mkdirSync(FIGURES, { recursive: true });
    const file = join(FIGURES, `${name}.json`);
    writeFileSync(file, JSON.stringify({ name, ...about, rows: this.rows }));
    return file;
  }

  #open(fault: string, invariant: string): FaultRow {
    const row = { fault, invariant, runs: 0, acknowledged: 0, lost: 0, doubled: 0, forked: 0, gaps: [] };
    this.rows.push(row);
    return row;
  }
}

export interface Saved {
  readonly name: string;
  readonly at: string;
  readonly machine: string;
  readonly seed: number;
  readonly rows: readonly FaultRow[];
}

/** What earlier runs left, by their names. */
export function savedFigures(): Saved[] {
  try {
    const names = readdirSync(FIGURES).filter((name) => name.endsWith(".json"));
    return names.sort().map((file) => JSON.parse(readFileSync(join(FIGURES, file), "utf8")));
  } catch {
    return [];
  }
}

const HEADS = ["fault", "invariant", "runs", "acknowledged", "lost", "doubled", "forked", "gap p50", "p99", "max"];

const cellsOf = ({ fault, invariant, runs, acknowledged, lost, doubled, forked, gaps }: FaultRow): string[] => [
  fault,
  invariant,
  ...[runs, acknowledged, lost, doubled, forked].map(String),
  ...[0.5, 0.99, 1].map((part) => (gaps.length === 0 ? "–" : `${Math.round(partOf(gaps, part))} ms`)),
];

export function totalOf(rows: readonly FaultRow[]): FaultRow {
  const sum = (of: "runs" | "acknowledged" | "lost" | "doubled" | "forked") =>
    rows.reduce((total, row) => total + row[of], 0);
  return {
    fault: "all together",
    invariant: "",
    runs: sum("runs"),
    acknowledged: sum("acknowledged"),
    lost: sum("lost"),
    doubled: sum("doubled"),
    forked: sum("forked"),
    gaps: rows.flatMap(({ gaps }) => gaps),
  };
}

/** As markdown, in columns that line up in a terminal as well. */
export function tableOf(rows: readonly FaultRow[]): string {
  const lines = [HEADS, ...[...rows, totalOf(rows)].map(cellsOf)];
  const widths = HEADS.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const [head = "", ...body] = lines.map(
    (cells) => `| ${cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(" | ")} |`,
  );
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [head, rule, ...body].join("\n");
}

export function partOf(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

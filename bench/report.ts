import { type Asked, asText, isMet, numberText } from "./asked.ts";
import { type ChartSpec, chartSpec } from "./charts/spec.ts";
import type { Figures } from "./figures.ts";
import { flat } from "./flat.ts";
import type { CostName } from "./plan/costs.ts";

export interface Figure {
  readonly name: string;
  /** null: there was nothing to measure. */
  readonly value: number | null;
  readonly unit: string;
  readonly asked?: string;
  readonly isMet?: boolean;
}

/** What one part found out: what people read, what machines read, and what pictures and the capacity plan are made of. */
export interface Found {
  readonly figures: Figure[];
  readonly charts: ChartSpec[];
  /** Unit costs for docs/unit-costs.json. */
  readonly costs: Partial<Record<CostName, number>>;
  /** Whatever was measured, as its module tells it. */
  readonly raw: unknown[];
}

interface Spoken {
  readonly count?: number;
  readonly perSecond?: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

/** What a part is handed to tell what it found. */
export class Report {
  readonly found: Found = { figures: [], charts: [], costs: {}, raw: [] };
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** A line for whoever waits; it is bound, so that it can be handed on. */
  readonly progress = (done: string): void => this.#say(done);

  figure(name: string, value: number | null, unit: string, asked?: Asked): void {
    const judged = asked === undefined ? {} : { asked: asText(asked), isMet: isMet(asked, value) };
    this.found.figures.push({ name, value: finite(value), unit, ...judged });
  }

  /** Half of them, and nearly all: in milliseconds. */
  times(name: string, { p50, p99 }: Spoken, asked: { readonly p50?: Asked; readonly p99?: Asked } = {}): void {
    this.figure(`${name}, p50`, p50, "ms", asked.p50);
    this.figure(`${name}, p99`, p99, "ms", asked.p99);
  }

  /** The same, and how many of them there were in a second. */
  rate(name: string, figures: Figures, asked: { readonly p50?: Asked; readonly p99?: Asked } = {}): void {
    this.figure(name, figures.perSecond, "/s");
    this.times(name, figures, asked);
  }

  /** Every number of some plain figures, named by its path, with the unit that its own name ends in. */
  all(figures: unknown, asked: Readonly<Record<string, Asked>> = {}): void {
    for (const { path, name, value, unit } of flat(figures)) this.figure(name, value, unit, asked[path]);
    this.keep(figures);
  }

  /** For machines, as it is. */
  keep(raw: unknown): void {
    this.found.raw.push(raw);
  }

  /** For docs/charts. */
  chart(spec: ChartSpec): void {
    this.found.charts.push(chartSpec.parse(spec));
  }

  /** For docs/unit-costs.json. */
  cost(name: CostName, value: number): void {
    this.found.costs[name] = value;
  }
}

const finite = (value: number | null): number | null => (Number.isFinite(value) ? value : null);

/** As Markdown that reads well as it is. */
export function tableOf(figures: readonly Figure[]): string {
  const isJudged = figures.some(({ asked }) => asked !== undefined);
  const head = ["", "measured", "", ...(isJudged ? ["asked for", ""] : [])];
  const rows = figures.map(({ name, value, unit, asked = "", isMet }) => {
    const verdict = asked === "" ? "" : isMet ? "met" : "missed";
    return [name, numberText(value), unit, ...(isJudged ? [asked, verdict] : [])];
  });
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, n) => padded(cell, widths[n] ?? 0, n)).join(" | ")} |`;
  const rule = `|${widths.map((width, n) => (n === MEASURED ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** The one column that is read from the right. */
const MEASURED = 1;

const padded = (cell: string, width: number, column: number): string =>
  column === MEASURED ? cell.padStart(width) : cell.padEnd(width);

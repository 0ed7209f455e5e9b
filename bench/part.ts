import type { Report } from "./report.ts";

/** Something that can be measured by itself: `npm run bench -- <name>`. */
export interface Part {
  readonly name: string;
  /** In one line. */
  readonly measures: string;
  /** On two cores that nobody else uses: "20 s". */
  readonly takes: string;
  /** Measures, and tells the report; what it needs for that is loaded only then. */
  run(report: Report): Promise<void>;
}

import type { CohortBody } from "../../schema/wire/contributions.ts";
import type { ReleaseFormat } from "../../schema/wire/research.ts";
import { FEWEST_PAIRS } from "./cells.ts";
import { csvOf } from "./csv.ts";

/** Of whatever decides what stands in a release: raised when the same data would give another one. */
export const GENERATOR_VERSION = "1.0.0";

/** A count, as all formats have it. Null is withheld. */
export interface ReleaseRow {
  readonly cohort: number;
  readonly twin_type: string;
  readonly born: string;
  readonly pairs_in_group: number;
  readonly measure: string;
  readonly band: string;
  readonly pairs: number | null;
}

export interface ReleasedCohort extends Pick<CohortBody, "groups" | "scales" | "consents"> {
  readonly number: number;
}

/** What a release is made of, and nothing else: the same gives the same bytes. */
export interface Release {
  readonly studyId: string;
  readonly number: number;
  /** The day it was asked for. */
  readonly day: string;
  readonly cohorts: readonly ReleasedCohort[];
}

export const COLUMNS = ["cohort", "twin_type", "born", "pairs_in_group", "measure", "band", "pairs"] as const;

export const rowsOf = ({ cohorts }: Release): ReleaseRow[] =>
  cohorts.flatMap(({ number: cohort, groups }) =>
    groups.flatMap(({ twinType: twin_type, born, pairs: pairs_in_group, tables }) =>
      tables.flatMap(({ measure, cells }) =>
        cells.map(({ band, pairs }) => ({ cohort, twin_type, born, pairs_in_group, measure, band, pairs })),
      ),
    ),
  );

export const csvFile = (release: Release): string =>
  csvOf(
    COLUMNS,
    rowsOf(release).map((row) => COLUMNS.map((column) => row[column])),
  );

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export const jsonFile = (release: Release): string => json(rowsOf(release));

/** Means, deviations and alphas, cohort by cohort: of what is told once, and never of one pair more or less. */
export const reportFile = ({ cohorts, ...release }: Release): string =>
  json({
    ...{ study: release.studyId, release: release.number, date: release.day, generator: GENERATOR_VERSION },
    cohorts: cohorts.map(({ number, groups, scales }) => ({
      ...{ cohort: number, pairs: pairsIn(groups) },
      // Field by field: a database keeps them in an order of its own.
      scales: scales.map(({ scale, mean, deviation, alpha }) => ({ scale, mean, deviation, alpha })),
    })),
  });

export interface MadeFile {
  readonly format: ReleaseFormat;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** What the other files are, by their hashes, and by whose consent. */
export const manifestFile = ({ cohorts, ...release }: Release, files: readonly MadeFile[]): string =>
  json({
    ...{ study: release.studyId, release: release.number, date: release.day, generator: GENERATOR_VERSION },
    fewestPairs: FEWEST_PAIRS,
    cohorts: cohorts.map(({ number, groups, consents }) => ({
      ...{ cohort: number, pairs: pairsIn(groups) },
      consents: consents.map(({ version, hashes }) => ({ version, hashes })),
    })),
    files: files.map(({ name, sha256, bytes }) => ({ name, sha256, bytes: bytes.byteLength })),
  });

export const pairsIn = (groups: CohortBody["groups"]): number => groups.reduce((sum, { pairs }) => sum + pairs, 0);

export const nameOf = ({ number }: Release, format: ReleaseFormat): string => {
  const ending = format === "csv" || format === "parquet" ? format : "json";
  const what = format === "manifest" || format === "report" ? format : "counts";
  return `release-${number}-${what}.${ending}`;
};

import { createHash } from "node:crypto";
import type { EntityManager } from "@mikro-orm/core";
import type { Study } from "../schema/entities/study.ts";
import { StudyCohort } from "../schema/entities/study-cohort.ts";
import { StudyCohortPair } from "../schema/entities/study-cohort-pair.ts";
import type { StudyRelease } from "../schema/entities/study-release.ts";
import type { CohortBody } from "../schema/wire/contributions.ts";
import { type ReleaseFormat, Source } from "../schema/wire/research.ts";
import { dayOf } from "./birthdays.ts";
import type { Chance, Clock } from "./ports.ts";
import { cohortOf, faultsIn, identifiabilityOf } from "./research/cohorts.ts";
import { type Cohort, composed } from "./research/composition.ts";
import {
  csvFile,
  jsonFile,
  type MadeFile,
  manifestFile,
  nameOf,
  type Release,
  type ReleaseRow,
  reportFile,
  rowsOf,
} from "./research/files.ts";
import { countedPair, measuresOf, scaleReports } from "./research/measures.ts";
import type { Secrets } from "./secrets.ts";
import { type Held, held } from "./study-counts.ts";
import type { StudyRows, UpTo } from "./study-rows.ts";

export interface ReleaseMakingDeps {
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly secrets: Pick<Secrets, "signatures">;
  readonly rows: Pick<StudyRows, "given" | "events" | "now" | "pairs">;
  /** The same rows as a Parquet file, the same bytes each time. */
  readonly parquetOf: (rows: readonly ReleaseRow[]) => Promise<Uint8Array>;
}

export type ReleaseMaking = ReturnType<typeof releaseMaking>;

/** From what was collected to what is told: cohorts that are counted once, and files of them. */
export function releaseMaking(deps: ReleaseMakingDeps) {
  const { clock, chance, rows, parquetOf } = deps;

  /** For good: these pairs are never counted again. */
  async function keep(em: EntityManager, study: Study, { keys, number, groups }: Cohort, has: Held, upTo: UpTo) {
    const faults = faultsIn(groups);
    if (faults.length > 0) throw new Error(`a cohort tells too much: ${faults.join(", ")}`);
    const own = has.pairs.filter(({ key }) => keys.includes(key));
    const body: CohortBody = {
      ...{ groups, scales: scaleReports(own), consents: has.consents, upTo },
      identifiability: identifiabilityOf(own.map(countedPair), groups),
    };
    const id = chance.newId(clock.now());
    const madeAt = new Date(clock.now());
    const cohort = em.create(StudyCohort, { id, studyId: study.id, number, body, madeAt, brokenAt: null });
    await em.flush();
    await em.insertMany(
      StudyCohortPair,
      keys.map((pairKey) => ({ cohortId: id, pairKey, isSettled: false })),
    );
    return cohort;
  }

  const heldNow = async (em: EntityManager, study: Study, upTo: UpTo) => held(deps, em, study, clock.now(), upTo);

  return {
    /** The cohorts that may be told of now, with a new one if there are enough new pairs. */
    async compose(em: EntityManager, study: Study): Promise<readonly StudyCohort[]> {
      const upTo = await rows.now(em, study.id);
      const has = await heldNow(em, study, upTo);
      const known = await em.find(StudyCohort, { studyId: study.id }, { orderBy: { number: "asc" }, refresh: true });
      const cohorts: Cohort[] = [];
      for (const { id, number, body } of known)
        cohorts.push({ number, keys: await keysOf(em, id), groups: body.groups });
      const pairs = has.pairs.map(countedPair);
      const told = composed({ cohorts, mayTell: has.mayTell, pairs, measures: measuresOf(study.collects) });
      const kept = known.filter(({ number, brokenAt }) => !brokenAt && told.some((one) => one.number === number));
      const fresh = told.find(({ number }) => number > known.length);
      return fresh ? [...kept, await keep(em, study, fresh, has, upTo)] : kept;
    },

    /** Whether each pair of all these may be told of now. */
    async mayTell(em: EntityManager, study: Study, cohorts: readonly StudyCohort[]): Promise<boolean> {
      const { mayTell } = await heldNow(em, study, await rows.now(em, study.id));
      for (const { id, brokenAt } of cohorts)
        if (brokenAt || !(await keysOf(em, id)).every((key) => mayTell(key))) return false;
      return true;
    },

    async files(release: StudyRelease, cohorts: readonly StudyCohort[]): Promise<readonly MadeFile[]> {
      const whole = releaseOf(release, cohorts);
      const files = [
        made(whole, "csv", Buffer.from(csvFile(whole))),
        made(whole, "json", Buffer.from(jsonFile(whole))),
        made(whole, "parquet", await parquetOf(rowsOf(whole))),
        made(whole, "report", Buffer.from(reportFile(whole))),
      ];
      return [...files, made(whole, "manifest", Buffer.from(manifestFile(whole, files)))];
    },

    /** Counts anew, by the ledger as it was then and by what had been collected. Whether it comes to the same. */
    async isCounted(em: EntityManager, study: Study, { id, madeAt, body }: StudyCohort): Promise<boolean> {
      const keys = await keysOf(em, id);
      const { pairs } = await held(deps, em, study, madeAt.getTime(), body.upTo);
      const own = pairs.filter(({ key }) => keys.includes(key));
      const groups = cohortOf(own.map(countedPair), measuresIn(body));
      return own.length === keys.length && isSame(groups, body.groups) && isSame(scaleReports(own), body.scales);
    },
  };
}

/** What it was counted by, whatever the study collects by now. */
const measuresIn = ({ groups }: CohortBody) =>
  measuresOf(Source.options).filter(({ name }) => groups[0]?.tables.some(({ measure }) => measure === name));

/** The database keeps fields in an order of its own. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, inner]) => [name, sorted(inner)]));
}

async function keysOf(em: EntityManager, cohortId: string): Promise<readonly string[]> {
  const pairs = await em.find(StudyCohortPair, { cohortId }, { disableIdentityMap: true });
  return pairs.map(({ pairKey }) => pairKey);
}

const releaseOf = ({ studyId, number, askedAt }: StudyRelease, cohorts: readonly StudyCohort[]): Release => ({
  ...{ studyId, number, day: dayOf(askedAt.getTime()) },
  cohorts: cohorts.map(({ number, body: { groups, scales, consents } }) => ({ number, groups, scales, consents })),
});

export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const made = (release: Release, format: ReleaseFormat, bytes: Uint8Array): MadeFile => ({
  ...{ format, name: nameOf(release, format), bytes },
  sha256: hashOf(bytes),
});

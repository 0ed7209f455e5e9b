import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Study } from "../schema/entities/study.ts";
import { StudyAccess } from "../schema/entities/study-access.ts";
import { StudyCohort } from "../schema/entities/study-cohort.ts";
import { StudyRelease } from "../schema/entities/study-release.ts";
import { StudyReleaseFile } from "../schema/entities/study-release-file.ts";
import { Composite } from "../schema/wire/assessments.ts";
import type { CohortBody } from "../schema/wire/contributions.ts";
import { type Insights, type ReleaseFormat, ReleaseId, type StudyId } from "../schema/wire/research.ts";
import { dayOf } from "./birthdays.ts";
import type { Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { hashOf, type ReleaseMakingDeps, releaseMaking } from "./release-making.ts";
import { pairsIn } from "./research/files.ts";

/** Of the staff. Study roles name their studies; whoever has none of them is nobody here, whatever else they may. */
export interface StudyStaff {
  readonly staffId: string;
  readonly role: "support" | "moderator" | "researcher" | "study_owner" | "admin";
  readonly studyIds: readonly StudyId[];
}

/** What is shown to everybody is of at least so many pairs. */
const FEWEST_FOR_INSIGHTS = 30;

export interface ReleasesDeps extends ReleaseMakingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
}

/** For whoever asks for it, or has to say yes. */
export interface ReleaseView {
  readonly id: ReleaseId;
  readonly studyId: StudyId;
  readonly number: number;
  /** `asked`: it waits for an owner's yes. `withdrawn`: given up, or somebody in it wanted all of theirs deleted. */
  readonly status: StudyRelease["status"];
  readonly askedBy: string;
  readonly askedAt: string;
  readonly approvedBy: string | null;
  readonly approvedAt: string | null;
  /** How alike its pairs are in what others may know of them, cohort by cohort. */
  readonly cohorts: readonly { readonly number: number; readonly identifiability: CohortBody["identifiability"] }[];
}

export type Releases = ReturnType<typeof releases>;

/** What researchers are given: counts, fixed and numbered, once an owner of the study has said yes. */
export function releases(deps: ReleasesDeps) {
  const { database, clock, chance } = deps;
  const making = releaseMaking(deps);
  const now = () => new Date(clock.now());

  function note(em: EntityManager, { staffId }: StudyStaff, action: StudyAccess["action"], of: StudyRelease): void {
    const { studyId, id: releaseId } = of;
    em.create(StudyAccess, { id: chance.newId(clock.now()), studyId, releaseId, staffId, action, at: now() });
  }

  return {
    /**
     * Makes the next one, which waits for an owner's yes; one that waited is given up for it. Throws NOT_FOUND, and
     * CONFLICT where there are not enough pairs for one that differs from the last.
     */
    ask: (staff: StudyStaff, studyId: StudyId): Promise<ReleaseView> =>
      database.transaction(async (em) => {
        const study = await findTheirs(em, staff, studyId);
        const cohorts = await making.compose(em, study);
        const cohortIds = cohorts.map(({ id }) => id);
        if (cohorts.length === 0) throw new Refusal("CONFLICT", "There are not enough pairs to tell of");
        if ((await newest(em, studyId))?.cohortIds.join() === cohortIds.join())
          throw new Refusal("CONFLICT", "There are not enough new pairs since the last release");
        await em.nativeUpdate(StudyRelease, { studyId, status: "asked" }, { status: "withdrawn" });
        const release = em.create(StudyRelease, {
          ...{ id: ReleaseId.parse(chance.newId(clock.now())), studyId, status: "asked", cohortIds },
          number: (await em.count(StudyRelease, { studyId })) + 1,
          ...{ askedBy: staff.staffId, askedAt: now(), approvedBy: null, approvedAt: null },
        });
        await em.flush();
        for (const { format, name, sha256, bytes } of await making.files(release, cohorts))
          em.create(StudyReleaseFile, { releaseId: release.id, format, name, sha256, bytes: Buffer.from(bytes) });
        note(em, staff, "release.asked", release);
        await em.flush();
        return viewOf(em, release);
      }),

    /**
     * By an owner of the study who is another one than who asked. Throws NOT_FOUND, FORBIDDEN for anybody else of the
     * study, CONFLICT for what does not wait or may not be told any more.
     */
    async approve(staff: StudyStaff, id: ReleaseId): Promise<ReleaseView> {
      const approved = await database.transaction(async (em) => {
        const release = await em.findOne(StudyRelease, { id }, locked);
        if (!release) throw new Refusal("NOT_FOUND", "There is no such release");
        const study = await findTheirs(em, staff, release.studyId);
        demandOther(staff, release);
        if (!(await making.mayTell(em, study, await cohortsOf(em, release)))) {
          release.status = "withdrawn";
          return undefined;
        }
        Object.assign(release, { status: "approved", approvedBy: staff.staffId, approvedAt: now() });
        note(em, staff, "release.approved", release);
        await em.flush();
        return viewOf(em, release);
      });
      if (!approved) throw new Refusal("CONFLICT", "Somebody in it may not be told of any more: ask for a new one");
      return approved;
    },

    /** All of a study, the newest first. */
    list: (staff: StudyStaff, studyId: StudyId): Promise<readonly ReleaseView[]> =>
      database.transaction(async (em) => {
        await findTheirs(em, staff, studyId);
        const views = [];
        for (const one of await em.find(StudyRelease, { studyId }, { orderBy: { number: "desc" }, refresh: true }))
          views.push(await viewOf(em, one));
        return views;
      }),

    /** A file of the newest approved one. Throws NOT_FOUND, also while there is none. Who read what is noted. */
    read: (staff: StudyStaff, studyId: StudyId, format: ReleaseFormat): Promise<StudyReleaseFile> =>
      database.transaction(async (em) => {
        await findTheirs(em, staff, studyId);
        const release = await newest(em, studyId);
        if (!release) throw new Refusal("NOT_FOUND", "There is no release of this study yet");
        note(em, staff, "release.read", release);
        return em.findOneOrFail(StudyReleaseFile, { releaseId: release.id, format });
      }),

    /** Makes it again, of what was counted and of what that was counted from. Whether each comes to the same. */
    reproduce: (id: ReleaseId): Promise<{ readonly files: boolean; readonly counts: boolean }> =>
      database.transaction(async (em) => {
        const release = await em.findOneOrFail(StudyRelease, { id });
        const study = await em.findOneOrFail(Study, { id: release.studyId });
        const cohorts = await cohortsOf(em, release);
        const kept = await em.find(StudyReleaseFile, { releaseId: id });
        const files = (await making.files(release, cohorts)).every(({ format, sha256 }) =>
          kept.some((file) => file.format === format && file.sha256 === sha256 && hashOf(file.bytes) === sha256),
        );
        const counted = [];
        for (const cohort of cohorts) counted.push(await making.isCounted(em, study, cohort));
        return { files, counts: counted.every(Boolean) };
      }),
  };
}

const locked = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;

/** Throws NOT_FOUND for who has no part in that study: that it is there is not theirs to know. */
async function findTheirs(em: EntityManager, { role, studyIds }: StudyStaff, studyId: StudyId): Promise<Study> {
  const isTheirs = (role === "researcher" || role === "study_owner") && studyIds.includes(studyId);
  const study = isTheirs ? await em.findOne(Study, { id: studyId }, locked) : null;
  if (!study) throw new Refusal("NOT_FOUND", "There is no such study");
  return study;
}

function demandOther({ role, staffId }: StudyStaff, { askedBy, status }: StudyRelease): void {
  if (role !== "study_owner") throw new Refusal("FORBIDDEN", "An owner of the study says yes");
  if (staffId === askedBy) throw new Refusal("FORBIDDEN", "Somebody else than who asked says yes");
  if (status !== "asked") throw new Refusal("CONFLICT", `This release is ${status}`);
}

const newest = (em: EntityManager, studyId: StudyId) =>
  em.findOne(StudyRelease, { studyId, status: "approved" }, { orderBy: { number: "desc" }, refresh: true });

const cohortsOf = (em: EntityManager, { cohortIds }: StudyRelease) =>
  em.find(StudyCohort, { id: { $in: [...cohortIds] } }, { orderBy: { number: "asc" }, refresh: true });

async function viewOf(em: EntityManager, release: StudyRelease): Promise<ReleaseView> {
  const { id, studyId, number, status, askedBy, askedAt, approvedBy, approvedAt } = release;
  const cohorts = await cohortsOf(em, release);
  return {
    ...{ id, studyId, number, status, askedBy, approvedBy },
    ...{ askedAt: askedAt.toISOString(), approvedAt: approvedAt?.toISOString() ?? null },
    cohorts: cohorts.map(({ number, body }) => ({ number, identifiability: body.identifiability })),
  };
}

/** What everybody may know of a study: of 30 pairs or more, from what is released, and from nothing else. */
export async function insightsOf(em: EntityManager, studyId: StudyId): Promise<Insights | null> {
  const release = await newest(em, studyId);
  if (!release) return null;
  const cohorts = await cohortsOf(em, release);
  const pairs = cohorts.reduce((sum, { body }) => sum + pairsIn(body.groups), 0);
  if (pairs < FEWEST_FOR_INSIGHTS) return null;
  return { pairs, asOf: dayOf(release.askedAt.getTime()), scores: meansOf(cohorts) };
}

/** Of the composites that each cohort can tell of. */
function meansOf(cohorts: readonly StudyCohort[]): Record<string, number> {
  const told = Composite.options.flatMap((composite) => {
    const means = cohorts.map(({ body }) => ({
      pairs: pairsIn(body.groups),
      mean: body.scales.find(({ scale }) => scale === composite)?.mean ?? null,
    }));
    const known = means.flatMap(({ pairs, mean }) => (mean === null ? [] : [{ pairs, mean }]));
    if (known.length < means.length) return [];
    const all = known.reduce((sum, { pairs }) => sum + pairs, 0);
    return [[composite, Math.round(known.reduce((sum, { pairs, mean }) => sum + pairs * mean, 0) / all)] as const];
  });
  return Object.fromEntries(told);
}

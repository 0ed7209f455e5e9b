import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Study } from "../schema/entities/study.ts";
import { StudyCohort } from "../schema/entities/study-cohort.ts";
import { StudyRelease } from "../schema/entities/study-release.ts";
import { StudyReleaseFile } from "../schema/entities/study-release-file.ts";
import { Composite } from "../schema/wire/assessments.ts";
import {
  type Insights,
  type ReleaseFormat,
  ReleaseId,
  type ReleaseView,
  type StaffStudyView,
  type StudyCompany,
  type StudyId,
} from "../schema/wire/research.ts";
import type { StaffRole } from "../schema/wire/staff.ts";
import { type Audited, auditing } from "./audit.ts";
import { dayOf } from "./birthdays.ts";
import type { Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { hashOf, type ReleaseMakingDeps, releaseMaking } from "./release-making.ts";
import { atLeast } from "./research/company.ts";
import { pairsIn } from "./research/files.ts";
import { isOfStudy, type StaffCaller } from "./staff-permissions.ts";
import { titleOf } from "./studies.ts";

/** Somebody of ours. Roles of a study name it; whoever has none of a study is nobody there, whatever else they may. */
export type StudyStaff = Pick<StaffCaller, "userId" | "grants">;

/** What is shown to everybody is of at least so many pairs. */
const FEWEST_FOR_INSIGHTS = 30;

export interface ReleasesDeps extends ReleaseMakingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
}

export type Releases = ReturnType<typeof releases>;

/** What researchers are given: counts, fixed and numbered, once an owner of the study has said yes. */
export function releases(deps: ReleasesDeps) {
  const { database, clock, chance } = deps;
  const making = releaseMaking(deps);
  const now = () => new Date(clock.now());

  const audit = auditing(deps);

  function note(em: EntityManager, { userId }: StudyStaff, action: Audited["action"], release: Noted): void {
    audit(em, { action, subject: null, actor: userId, role: release.role, about: release.id });
  }

  /** Once a day: who looks again and again is not told when somebody came or went. */
  async function company(em: EntityManager, { id }: Study): Promise<StudyCompany> {
    const asOf = dayOf(clock.now());
    const { participants, consents } = await deps.rows.pairs(em, id, Date.parse(asOf));
    return { asOf, participants: atLeast(participants), consents: atLeast(consents) };
  }

  return {
    /**
     * Makes the next one, which waits for an owner's yes; one that waited is given up for it. Throws NOT_FOUND, and
     * CONFLICT where there are not enough pairs for one that differs from the last.
     */
    ask: (staff: StudyStaff, studyId: StudyId): Promise<ReleaseView> =>
      database.transaction(async (em) => {
        const { study, role } = await findTheirs(em, staff, studyId);
        const cohorts = await making.compose(em, study);
        const cohortIds = cohorts.map(({ id }) => id);
        if (cohorts.length === 0) throw new Refusal("CONFLICT", "There are not enough pairs to tell of");
        if ((await newest(em, studyId))?.cohortIds.join() === cohortIds.join())
          throw new Refusal("CONFLICT", "There are not enough new pairs since the last release");
        await em.nativeUpdate(StudyRelease, { studyId, status: "asked" }, { status: "withdrawn" });
        const release = em.create(StudyRelease, {
          ...{ id: ReleaseId.parse(chance.newId(clock.now())), studyId, status: "asked", cohortIds },
          number: (await em.count(StudyRelease, { studyId })) + 1,
          ...{ askedBy: staff.userId, askedAt: now(), approvedBy: null, approvedAt: null },
        });
        await em.flush();
        for (const { format, name, sha256, bytes } of await making.files(release, cohorts))
          em.create(StudyReleaseFile, { releaseId: release.id, format, name, sha256, bytes: Buffer.from(bytes) });
        note(em, staff, "staff.release_asked", { id: release.id, role });
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
        const { study, role } = await findTheirs(em, staff, release.studyId, "study_owner");
        demandOther(staff, role, release);
        if (!(await making.mayTell(em, study, await cohortsOf(em, release)))) {
          release.status = "withdrawn";
          return undefined;
        }
        Object.assign(release, { status: "approved", approvedBy: staff.userId, approvedAt: now() });
        note(em, staff, "staff.release_approved", { id, role });
        await em.flush();
        return viewOf(em, release);
      });
      if (!approved) throw new Refusal("CONFLICT", "Somebody in it may not be told of any more: ask for a new one");
      return approved;
    },

    /** The studies one has a part in, each with all its releases, the newest first. */
    studies: (staff: StudyStaff): Promise<readonly StaffStudyView[]> =>
      database.read(async (em) => {
        const own = new Set(staff.grants.flatMap(({ studyId }) => studyId ?? []));
        const views = [];
        for (const study of await em.find(Study, { id: { $in: [...own] } }, { orderBy: { id: "asc" } }))
          views.push({ ...(await studyView(em, study, rolesIn(staff, study.id))), company: await company(em, study) });
        return views;
      }),

    /** A file of the newest approved one. Throws NOT_FOUND, also while there is none. Who read what is noted. */
    read: (staff: StudyStaff, studyId: StudyId, format: ReleaseFormat): Promise<StudyReleaseFile> =>
      database.transaction(async (em) => {
        const { role } = await findTheirs(em, staff, studyId);
        const release = await newest(em, studyId);
        if (!release) throw new Refusal("NOT_FOUND", "There is no release of this study yet");
        note(em, staff, "staff.release_read", { id: release.id, role });
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

type Noted = { readonly id: ReleaseId; readonly role: StaffRole };

interface Theirs {
  readonly study: Study;
  /** As which of their roles they come: the least, unless another one is needed and theirs. */
  readonly role: StaffRole;
}

const rolesIn = ({ grants }: Pick<StudyStaff, "grants">, studyId: StudyId): readonly StaffRole[] =>
  grants.filter((grant) => isOfStudy(grant.role) && grant.studyId === studyId).map(({ role }) => role);

/** Throws NOT_FOUND for who has no part in that study: that it is there is not theirs to know. */
async function findTheirs(
  em: EntityManager,
  staff: StudyStaff,
  studyId: StudyId,
  best: StaffRole = "researcher",
): Promise<Theirs> {
  const [first, ...more] = rolesIn(staff, studyId);
  const study = first && (await em.findOne(Study, { id: studyId }, locked));
  if (!first || !study) throw new Refusal("NOT_FOUND", "There is no such study");
  return { study, role: [first, ...more].find((role) => role === best) ?? first };
}

function demandOther({ userId }: StudyStaff, role: StaffRole, { askedBy, status }: StudyRelease): void {
  if (role !== "study_owner") throw new Refusal("FORBIDDEN", "An owner of the study says yes");
  if (userId === askedBy) throw new Refusal("FORBIDDEN", "Somebody else than who asked says yes");
  if (status !== "asked") throw new Refusal("CONFLICT", `This release is ${status}`);
}

const newest = (em: EntityManager, studyId: StudyId) =>
  em.findOne(StudyRelease, { studyId, status: "approved" }, { orderBy: { number: "desc" }, refresh: true });

const cohortsOf = (em: EntityManager, { cohortIds }: StudyRelease) =>
  em.find(StudyCohort, { id: { $in: [...cohortIds] } }, { orderBy: { number: "asc" }, refresh: true });

async function studyView(
  em: EntityManager,
  study: Study,
  roles: readonly StaffRole[],
): Promise<Omit<StaffStudyView, "company">> {
  const { id, status, consentVersion } = study;
  const found = await em.find(StudyRelease, { studyId: id }, { orderBy: { number: "desc" }, refresh: true });
  const releases = [];
  for (const release of found) releases.push(await viewOf(em, release));
  return { id, title: titleOf(study, "en"), status, consentVersion: String(consentVersion), roles, releases };
}

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

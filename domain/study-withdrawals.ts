import { createHash } from "node:crypto";
import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Study } from "../schema/entities/study.ts";
import { StudyCohort } from "../schema/entities/study-cohort.ts";
import { StudyCohortPair } from "../schema/entities/study-cohort-pair.ts";
import { StudyConsent } from "../schema/entities/study-consent.ts";
import { StudyContribution } from "../schema/entities/study-contribution.ts";
import { StudyEvent } from "../schema/entities/study-event.ts";
import { StudyParticipant } from "../schema/entities/study-participant.ts";
import { StudyRelease } from "../schema/entities/study-release.ts";
import { StudyWithdrawal } from "../schema/entities/study-withdrawal.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Disposition, Receipt, StudyId, WithdrawalView } from "../schema/wire/research.ts";
import type { Chance, Clock, Database, Jobs } from "./ports.ts";
import type { StudyPeople } from "./study-people.ts";
import { lastWords } from "./study-standings.ts";

/** A worker that has not come to an end by then is taken to have died; beginning again changes nothing. */
const AGAIN_MS = 10 * 60_000;

const AT_ONCE = 100;

/** Everything is done by then; most of it within a minute. */
const DUE_DAYS = 30;

export interface StudyWithdrawalsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly jobs: Jobs;
  readonly people: StudyPeople;
}

export type StudyWithdrawals = ReturnType<typeof studyWithdrawals>;

/** What becomes of what a study has of somebody who leaves it. */
export function studyWithdrawals({ database, clock, chance, jobs, people }: StudyWithdrawalsDeps) {
  const now = () => new Date(clock.now());

  /** What was told of them stays, or is told no more: of whole cohorts, since nobody can be taken out of a count. */
  async function settle(em: EntityManager, { pairKey, studyId }: StudyParticipant, wish: Disposition): Promise<void> {
    const pairs = await em.find(StudyCohortPair, { pairKey });
    const own = { id: { $in: pairs.map(({ cohortId }) => cohortId) }, studyId };
    for (const pair of pairs) pair.isSettled = true;
    await em.flush();
    if (wish !== "delete" || pairs.length === 0) return;
    await em.nativeUpdate(StudyCohort, { ...own, brokenAt: null }, { brokenAt: now() });
    for (const release of await em.find(StudyRelease, { studyId, status: { $ne: "withdrawn" } }, { refresh: true }))
      if (release.cohortIds.some((id) => own.id.$in.includes(id))) release.status = "withdrawn";
    await em.flush();
  }

  async function dispose(em: EntityManager, participant: StudyParticipant, wish: Disposition): Promise<Receipt> {
    const hashes = await hashesOf(em, participant);
    if (wish === "anonymize") {
      await people.forget(em, participant);
      return { erased: 0, kept: hashes.length, hashes: [] };
    }
    const { studyId, pseudonym } = participant;
    await em.nativeDelete(StudyParticipant, { studyId, pseudonym });
    return { erased: hashes.length, kept: 0, hashes };
  }

  const participantOf = async (em: EntityManager, studyId: StudyId, userId: UserId) =>
    people.find(em, await em.findOneOrFail(Study, { id: studyId }), userId);

  /** A worker's part. Doing it again changes nothing. */
  const finish = (id: string): Promise<void> =>
    database.transaction(async (em) => {
      const withdrawal = await em.findOne(StudyWithdrawal, { id }, held);
      if (!withdrawal || withdrawal.finishedAt) return;
      const { studyId, userId, disposition } = withdrawal;
      const participant = await participantOf(em, studyId, userId);
      withdrawal.receipt = participant ? await dispose(em, participant, disposition) : NOTHING;
      withdrawal.finishedAt = now();
    });

  return {
    finish,

    /** In the transaction of what they said: no release that tells of them is handed out from then on, if they wish. */
    async begin(em: EntityManager, userId: UserId, study: Study, disposition: Disposition): Promise<WithdrawalView> {
      const participant = await people.find(em, study, userId);
      if (participant) await settle(em, participant, disposition);
      const withdrawal = em.create(StudyWithdrawal, {
        ...{ id: chance.newId(clock.now()), studyId: study.id, userId, disposition },
        ...{ askedAt: now(), finishedAt: null, receipt: null },
      });
      await em.flush();
      await jobs.put(em, { what: "research.withdraw", withdrawalId: withdrawal.id });
      return withdrawalView(withdrawal);
    },

    /** Hands on what was not finished; to be called now and then. Returns how many. */
    sweep: (): Promise<number> =>
      database.transaction(async (em) => {
        const before = new Date(clock.now() - AGAIN_MS);
        const open = await em.find(
          StudyWithdrawal,
          { finishedAt: null, askedAt: { $lt: before } },
          { limit: AT_ONCE, orderBy: { askedAt: "asc" } },
        );
        for (const { id } of open) await jobs.put(em, { what: "research.withdraw", withdrawalId: id });
        return open.length;
      }),

    /** Of whoever has no account any more nothing is left in any study, and nothing that was counted with them is told. */
    forget: (userId: UserId): Promise<void> =>
      database.transaction(async (em) => {
        for (const studyId of [...(await lastWords(em, userId)).keys()].sort()) {
          await em.findOneOrFail(Study, { id: studyId }, held);
          const participant = await participantOf(em, studyId, userId);
          if (!participant) continue;
          await settle(em, participant, "delete");
          await em.nativeDelete(StudyParticipant, { studyId, pseudonym: participant.pseudonym });
        }
        await em.nativeDelete(StudyWithdrawal, { userId });
        await em.nativeDelete(StudyConsent, { userId });
      }),
  };
}

const held = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;

const NOTHING: Receipt = { erased: 0, kept: 0, hashes: [] };

/** Of each contribution, and of each day's events of a kind. */
async function hashesOf(em: EntityManager, { studyId, pseudonym }: StudyParticipant): Promise<string[]> {
  const of = { studyId, pseudonym };
  const given = await em.find(StudyContribution, of, {
    orderBy: { kind: "asc", day: "asc" },
    disableIdentityMap: true,
  });
  const events = await em.find(StudyEvent, of, { orderBy: { eventKey: "asc" }, disableIdentityMap: true });
  const days = Map.groupBy(events, ({ type, day }) => `${type} ${day}`);
  return [
    ...given.map(({ kind, day, body }) => hashOf([kind, day, body])),
    ...[...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, all]) => hashOf([day, all.map(({ body }) => body)])),
  ];
}

const hashOf = (what: unknown): string => createHash("sha256").update(JSON.stringify(what)).digest("hex");

export function withdrawalView({
  id,
  studyId,
  disposition,
  askedAt,
  finishedAt,
  receipt,
}: StudyWithdrawal): WithdrawalView {
  const due = new Date(askedAt);
  due.setUTCDate(due.getUTCDate() + DUE_DAYS);
  return {
    ...{ id, studyId, disposition, receipt },
    ...{ askedAt: askedAt.toISOString(), dueAt: due.toISOString(), finishedAt: finishedAt?.toISOString() ?? null },
  };
}

import { type EntityManager, LockMode } from "@mikro-orm/core";
import { AssessmentAnswer } from "../schema/entities/assessment-answer.ts";
import { AssessmentSession } from "../schema/entities/assessment-session.ts";
import { StudyContribution } from "../schema/entities/study-contribution.ts";
import type { StudyParticipant } from "../schema/entities/study-participant.ts";
import { User } from "../schema/entities/user.ts";
import { AssessmentGiven, type Contributed, type ContributionKind } from "../schema/wire/contributions.ts";
import type { UserId } from "../schema/wire/ids.ts";
import { dayOf } from "./birthdays.ts";
import { activePairs } from "./pair-changes.ts";
import type { Clock, Database } from "./ports.ts";
import { everyoneWhoAgreed } from "./study-everyone.ts";
import type { StudyPeople } from "./study-people.ts";
import type { StudyRows } from "./study-rows.ts";
import { type TakingPart, takingPart } from "./study-standings.ts";

const DAY_MS = 86_400_000;

export interface StudyIntakeDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly people: Pick<StudyPeople, "findOrMake">;
  readonly rows: Pick<StudyRows, "messages" | "moments" | "agreed">;
}

export type StudyIntake = ReturnType<typeof studyIntake>;

/** Gives studies what their people agreed to give, and nothing of anybody else. */
export function studyIntake({ database, clock, people, rows }: StudyIntakeDeps) {
  /** What they completed, before or since: the words they agreed to say so. A day's first one. */
  async function giveAssessments(em: EntityManager, user: User, participant: StudyParticipant): Promise<void> {
    const done = await em.find(
      AssessmentSession,
      { userId: user.id, status: "completed" },
      { orderBy: { id: "asc" }, disableIdentityMap: true },
    );
    for (const session of done) {
      if (!session.results || !session.completedAt) continue;
      const day = dayOf(session.completedAt.getTime());
      if (await isGiven(em, participant, "assessment", day)) continue;
      await put(em, participant, "assessment", day, await given(em, session));
    }
  }

  /** Counts of whole days, from the one after they agreed on. */
  async function giveDays(
    em: EntityManager,
    user: User,
    participant: StudyParticipant,
    part: TakingPart,
  ): Promise<void> {
    const pairId = (await activePairs(em, [user.id])).get(user.id);
    if (pairId === undefined) return;
    const { collects } = part.study;
    const ofKind = async (kind: "messages" | "moments") =>
      [await firstDay(em, participant, kind, part), lastDay()] as const;
    if (collects.includes("messages")) {
      const days = await rows.messages(em, { userId: user.id, pairId }, ...(await ofKind("messages")));
      for (const { day, count } of days) await put(em, participant, "messages", day, { sent: count });
    }
    if (collects.includes("twintuition")) {
      const days = await rows.moments(em, pairId, ...(await ofKind("moments")));
      for (const { day, count } of days) await put(em, participant, "moments", day, { moments: count });
    }
  }

  const lastDay = (): string => dayOf(clock.now() - DAY_MS);

  /** Under the lock of their row: whoever leaves a study does so before or after, and never in the middle. */
  const intake = (userId: UserId): Promise<void> =>
    database.transaction(async (em) => {
      const user = await em.findOne(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
      if (!user) return;
      for (const part of await takingPart(em, user, clock.now())) {
        const participant = await people.findOrMake(em, part.study, user);
        if (part.study.collects.includes("assessments")) await giveAssessments(em, user, participant);
        await giveDays(em, user, participant, part);
      }
    });

  return {
    intake,

    /** Of everybody who ever agreed to something; to be called now and then. Returns of how many. */
    sweep: (): Promise<number> => everyoneWhoAgreed({ database, rows }, intake),
  };
}

/** The day after the last one that was given, or the one after they agreed on. */
async function firstDay(
  em: EntityManager,
  { studyId, pseudonym }: StudyParticipant,
  kind: ContributionKind,
  { consent }: TakingPart,
): Promise<string> {
  const of = { studyId, pseudonym, kind };
  const last = await em.findOne(StudyContribution, of, { orderBy: { day: "desc" }, disableIdentityMap: true });
  return dayOf(Math.max(consent.at.getTime(), Date.parse(last?.day ?? "1970-01-01")) + DAY_MS);
}

async function isGiven(
  em: EntityManager,
  { studyId, pseudonym }: StudyParticipant,
  kind: ContributionKind,
  day: string,
): Promise<boolean> {
  return (await em.count(StudyContribution, { studyId, pseudonym, kind, day })) > 0;
}

async function put(
  em: EntityManager,
  { studyId, pseudonym }: StudyParticipant,
  kind: ContributionKind,
  day: string,
  body: Contributed,
): Promise<void> {
  const row = { studyId, pseudonym, kind, day, body };
  await em.upsert(StudyContribution, row, { onConflictAction: "ignore" });
}

/** Scores and values, and nothing of when, how fast or in which session. */
async function given(em: EntityManager, { id, results }: AssessmentSession): Promise<AssessmentGiven> {
  const answers = await em.find(AssessmentAnswer, { sessionId: id }, { disableIdentityMap: true });
  const values = Object.fromEntries(answers.map(({ itemId, value }) => [itemId, value]));
  const { bankVersion, scoringVersion, composites, subscales } = results ?? {};
  return AssessmentGiven.parse({ bankVersion, scoringVersion, composites, subscales, values });
}

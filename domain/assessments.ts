import { type EntityManager, LockMode } from "@mikro-orm/core";
import { AssessmentAnswer } from "../schema/entities/assessment-answer.ts";
import { AssessmentSession } from "../schema/entities/assessment-session.ts";
import {
  type AnswerAssessment,
  type Answered,
  AssessmentId,
  type AssessmentStatus,
  type AssessmentView,
  type ItemResponse,
  type Locale,
  type Respond,
  type Results,
  type ResultsView,
} from "../schema/wire/assessments.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Listed } from "../schema/wire/lists.ts";
import { cursors, type Page } from "./cursors.ts";
import { noticing } from "./notices.ts";
import type { AfterCommit, Caller, Chance, Clock, Database, Entitlements, Notices } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import { inOrder, NONE, progressOf, TOTAL, withResponses } from "./scoring/answers.ts";
import { requireBank } from "./scoring/bank.ts";
import { BANK_VERSION } from "./scoring/keys.ts";
import { SCORING_VERSION, score } from "./scoring/score.ts";
import { resultsView } from "./scoring/views.ts";
import type { Secrets } from "./secrets.ts";
import { accessOf } from "./subscriptions/premium.ts";

/** Whoever has not gone on for a season begins anew: a hundred sentences are answered in one mood, or nearly. */
const SEASON_MS = 90 * 86_400_000;

const SWEPT_AT_ONCE = 500;

/** How a session stands once somebody wrote in it, or could not. */
export interface Sheet {
  readonly status: AssessmentStatus;
  readonly bankVersion: string;
  readonly answered: number;
}

/** The answers of a session, as they are kept. */
export interface AnswerSheets {
  /**
   * Writes all of them if the session is open and of that bank, and none otherwise; holds the session until the
   * transaction ends. No item may be twice in it. Undefined if they have no such session. `at`: milliseconds since 1970.
   */
  put(
    em: EntityManager,
    of: { readonly sessionId: AssessmentId; readonly userId: UserId; readonly bankVersion: string },
    responses: readonly ItemResponse[],
    at: number,
  ): Promise<Sheet | undefined>;
}

export interface AssessmentsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly notices: Notices;
  readonly sheets: AnswerSheets;
  readonly secrets: Pick<Secrets, "sign" | "isSigned">;
  readonly entitlements: Entitlements;
  /** Whoever has something to do with a completed one, in the same transaction; nobody by default. */
  readonly completed?: (em: EntityManager, userId: UserId) => Promise<void>;
}

export interface Begun {
  readonly session: AssessmentView;
  /** Whether it was open already, on whatever device. */
  readonly isResumed: boolean;
}

export interface Responded {
  readonly session: AssessmentView;
  /** Once it is completed. */
  readonly results?: ResultsView;
}

export type Assessments = ReturnType<typeof assessments>;

/** A person's way through the questions: one open at a time, on any of their devices, until they say it is done. */
export function assessments(deps: AssessmentsDeps) {
  const { database, clock, chance, sheets, entitlements } = deps;
  const tell = noticing(deps);
  const pages = cursors(deps.secrets);
  const now = () => new Date(clock.now());

  const updated = (em: EntityManager, afterCommit: AfterCommit, userId: UserId): void =>
    tell(em, afterCommit, { what: "assessment.updated", userId });

  /** One open session a person: whoever begins holds their row, so of several one makes it and the others find it. */
  const open = (userId: UserId, isUnlimited: boolean): Promise<Begun> =>
    database.transaction(async (em, afterCommit) => {
      await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
      const found = await em.findOne(AssessmentSession, { userId, status: "in_progress" }, held);
      if (found?.bankVersion === BANK_VERSION) return { session: await viewOf(em, found), isResumed: true };
      // Its questions are not asked any more, so nobody can go on with it.
      if (found) found.status = "abandoned";
      await em.flush();
      if (!isUnlimited) await refuseSoon(em, userId);
      const at = now();
      const session = em.create(AssessmentSession, {
        ...{ id: AssessmentId.parse(chance.newId(clock.now())), userId, bankVersion: BANK_VERSION },
        ...{ status: "in_progress", answered: 0, startedAt: at, updatedAt: at, completedAt: null, results: null },
      });
      updated(em, afterCommit, userId);
      await em.flush();
      return { session: await viewOf(em, session), isResumed: false };
    });

  /** Writes a batch, all of it or nothing. Throws NOT_FOUND, GONE for what is over, CONFLICT for what is done. */
  async function write(
    em: EntityManager,
    of: { readonly sessionId: AssessmentId; readonly userId: UserId },
    responses: readonly ItemResponse[],
  ): Promise<Sheet> {
    const last = [...withResponses(NONE, responses).values()];
    const sheet = await sheets.put(em, { ...of, bankVersion: BANK_VERSION }, last, clock.now());
    if (!sheet) throw noSuchSession();
    if (sheet.status === "completed") throw new Refusal("CONFLICT", "This assessment is completed: start a new one");
    if (sheet.status === "abandoned") throw new Refusal("GONE", "This assessment was given up: start a new one");
    requireBank(sheet.bankVersion);
    return sheet;
  }

  async function complete(em: EntityManager, session: AssessmentSession): Promise<Results> {
    const results = score(await answersOf(em, session.id), session.bankVersion);
    Object.assign(session, { status: "completed", completedAt: now(), updatedAt: now(), results });
    await em.flush();
    await deps.completed?.(em, session.userId);
    return results;
  }

  /** The same said again, after it was heard: what it was answered then. */
  async function saidAgain(em: EntityManager, session: AssessmentSession, { responses, isComplete }: Respond) {
    if (!isComplete || session.results === null) return undefined;
    const kept = new Map((await answersOf(em, session.id)).map(({ itemId, value }) => [itemId, value]));
    const last = [...withResponses(NONE, responses).values()];
    return last.every(({ itemId, value }) => kept.get(itemId) === value) ? session.results : undefined;
  }

  /** Those who pay for no more complete one in a season; one that is open they may go on with. */
  async function refuseSoon(em: EntityManager, userId: UserId): Promise<void> {
    const since = new Date(clock.now() - SEASON_MS);
    const lately = await em.count(AssessmentSession, { userId, status: "completed", completedAt: { $gt: since } });
    if (lately > 0)
      throw new Refusal("PREMIUM_REQUIRED", "Another assessment within 90 days is part of Twinship Premium");
  }

  const find = async (em: EntityManager, userId: UserId, id: AssessmentId): Promise<AssessmentSession> => {
    const session = await em.findOne(AssessmentSession, { id, userId }, { refresh: true });
    if (!session) throw noSuchSession();
    return session;
  };

  return {
    /**
     * Throws GONE if `bankVersion` is given and is not the one whose items are asked now, and PREMIUM_REQUIRED for a
     * second one in a season, unless one's subscription opens as many as one likes.
     */
    async start({ userId }: Caller, bankVersion = BANK_VERSION): Promise<Begun> {
      requireBank(bankVersion);
      return open(userId, (await entitlements.of(userId)).has("unlimited_assessments"));
    },

    /** The newest first. */
    list: (
      { userId }: Caller,
      query: Listed & { readonly status?: AssessmentStatus | undefined },
    ): Promise<Page<AssessmentView>> =>
      database.read(async (em) => {
        const { status } = query;
        const list = `assessments ${status ?? ""}`;
        const page = await pages.page({ list, userId }, query, {
          find: (limit, after) =>
            em.find(
              AssessmentSession,
              { userId, ...(status && { status }), ...(after && { id: { $lt: AssessmentId.parse(after) } }) },
              { orderBy: { id: "desc" }, limit },
            ),
          placeOf: ({ id }) => id,
        });
        const items = [];
        for (const session of page.items) items.push(await viewOf(em, session));
        return { items, nextCursor: page.nextCursor };
      }),

    look: ({ userId }: Caller, id: AssessmentId): Promise<AssessmentView> =>
      database.read(async (em) => viewOf(em, await find(em, userId, id))),

    /**
     * A batch of answers, all of it or nothing, and, if wished, the end. Throws INSUFFICIENT_COMPLETION below 105 items.
     * Completing again, in the same words, gives the same results.
     */
    async respond({ userId }: Caller, id: AssessmentId, said: Respond, locale: Locale): Promise<Responded> {
      const { session, results } = await database.transaction(async (em, afterCommit) => {
        const mine = await em.findOne(AssessmentSession, { id, userId }, held);
        if (!mine) throw noSuchSession();
        const before = await saidAgain(em, mine, said);
        if (before) return { session: await viewOf(em, mine), results: before };
        await write(em, { sessionId: id, userId }, said.responses);
        await em.refresh(mine);
        const results = said.isComplete ? await complete(em, mine) : undefined;
        updated(em, afterCommit, userId);
        return { session: await viewOf(em, mine), results };
      });
      if (!results) return { session };
      return { session, results: resultsView(results, await accessOf(entitlements, userId), locale) };
    },

    /** The same from the room, and nothing else in it: no more is read than is written. */
    answer: (userId: UserId, { sessionId, responses }: AnswerAssessment): Promise<Answered> =>
      database.transaction(async (em, afterCommit) => {
        const { answered } = await write(em, { sessionId, userId }, responses);
        updated(em, afterCommit, userId);
        return { answered, total: TOTAL };
      }),

    /** Throws CONFLICT until it is completed. */
    async results({ userId }: Caller, id: AssessmentId, locale: Locale): Promise<ResultsView> {
      const { results } = await database.read((em) => find(em, userId, id));
      if (!results) throw new Refusal("CONFLICT", "This assessment is not completed, so there are no results of it");
      return resultsView(results, await accessOf(entitlements, userId), locale);
    },

    /** Gives up what nobody has gone on with. Returns how many. */
    sweep: (): Promise<number> =>
      database.transaction(async (em, afterCommit) => {
        const idle = { status: "in_progress" as const, updatedAt: { $lt: new Date(clock.now() - SEASON_MS) } };
        const over = await em.find(AssessmentSession, idle, { ...unheld, limit: SWEPT_AT_ONCE });
        for (const session of over) {
          session.status = "abandoned";
          updated(em, afterCommit, session.userId);
        }
        return over.length;
      }),

    /**
     * Scores anew what another scoring made, so many at once. Returns how many, and how many could not be, since their
     * bank is gone; to be called until there is none left, with the id it ended with.
     */
    rescore: (after: string, limit: number) =>
      database.transaction(async (em) => {
        const older = { status: "completed" as const, id: { $gt: AssessmentId.parse(after) } };
        const sessions = await em.find(AssessmentSession, older, { ...held, orderBy: { id: "asc" }, limit });
        const stale = sessions.filter(({ results }) => results?.scoringVersion !== SCORING_VERSION);
        const scorable = stale.filter(({ bankVersion }) => bankVersion === BANK_VERSION);
        for (const session of scorable) session.results = score(await answersOf(em, session.id), BANK_VERSION);
        const last = sessions.length === limit ? sessions.at(-1)?.id : undefined;
        return { last, scored: scorable.length, left: stale.length - scorable.length };
      }),
  };
}

const held = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;
const unheld = { lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE, refresh: true } as const;

const noSuchSession = (): Refusal => new Refusal("NOT_FOUND", "There is no such assessment");

/** In the bank's order. */
async function answersOf(em: EntityManager, sessionId: AssessmentId): Promise<ItemResponse[]> {
  const found = await em.find(AssessmentAnswer, { sessionId }, { disableIdentityMap: true });
  const answers = found.map(
    ({ itemId, value, responseTimeMs }): ItemResponse => ({
      ...{ itemId, value },
      ...(responseTimeMs !== null && { responseTimeMs }),
    }),
  );
  return inOrder(withResponses(NONE, answers));
}

async function viewOf(em: EntityManager, session: AssessmentSession): Promise<AssessmentView> {
  const { id, userId, bankVersion, status, startedAt, completedAt } = session;
  const responses = await answersOf(em, id);
  return {
    ...{ id, userId, bankVersion, responses, status },
    startDate: startedAt.toISOString(),
    completionDate: completedAt?.toISOString() ?? null,
    answered: responses.length,
    total: TOTAL,
    currentProgress: progressOf(responses.length),
    isComplete: status === "completed",
  };
}

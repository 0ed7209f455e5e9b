import type { EntityManager } from "@mikro-orm/core";
import { AssessmentSession } from "../schema/entities/assessment-session.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import type { ComparisonView } from "../schema/wire/assessment-comparison.ts";
import type { Locale, Results } from "../schema/wire/assessments.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import { auditing } from "./audit.ts";
import { consentsOf } from "./consents.ts";
import { activePairs } from "./pair-changes.ts";
import type { Caller, Chance, Clock, Database, Entitlements } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { comparisonView } from "./scoring/views.ts";
import { accessOf } from "./subscriptions/premium.ts";

export interface ComparisonsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly entitlements: Entitlements;
}

/** Both twins' results, as the one who asks may see them together. */
export interface Compared {
  readonly yours: Results;
  readonly twins: Results;
}

export type Comparisons = ReturnType<typeof comparisons>;

/** Two twins' results side by side: with both twins' consent as it is at that moment, and both complete. */
export function comparisons({ database, clock, chance, entitlements }: ComparisonsDeps) {
  const note = auditing({ clock, chance });

  /** Throws NOT_PAIRED, FORBIDDEN while one of the two does not agree, CONFLICT while one has nothing to compare. */
  const compare = ({ userId }: Caller): Promise<Compared> =>
    database.transaction(async (em) => {
      const pairId = (await activePairs(em, [userId])).get(userId);
      if (pairId === undefined) throw new Refusal("NOT_PAIRED", "You have no twin here yet");
      const twinId = await twinOf(em, pairId, userId);
      await demandConsent(em, userId, "You have not agreed to your results being compared: PUT /users/consents");
      await demandConsent(em, twinId, "Your twin has not agreed to your results being compared");
      const yours = await lastResults(em, userId, "You have not completed an assessment yet");
      const twins = await lastResults(em, twinId, "Your twin has not completed an assessment yet");
      note(em, { action: "results.compared", subject: twinId, actor: userId, about: pairId });
      return { yours, twins };
    });

  return {
    compare,

    /** What the one who asks may see of it; the compatibility alone without premium, whatever the twin has. */
    async look(caller: Caller, locale: Locale): Promise<ComparisonView> {
      const { yours, twins } = await compare(caller);
      return comparisonView(yours, twins, await accessOf(entitlements, caller.userId), locale);
    },
  };
}

async function twinOf(em: EntityManager, pairId: PairId, userId: UserId): Promise<UserId> {
  const twin = await em.findOneOrFail(PairMember, { pairId, userId: { $ne: userId } });
  return twin.userId;
}

async function demandConsent(em: EntityManager, userId: UserId, otherwise: string): Promise<void> {
  const { twinDataMerging } = await consentsOf(em, userId);
  if (!twinDataMerging) throw new Refusal("FORBIDDEN", otherwise);
}

async function lastResults(em: EntityManager, userId: UserId, otherwise: string): Promise<Results> {
  const done = { userId, status: "completed" as const };
  const last = await em.findOne(AssessmentSession, done, {
    orderBy: { completedAt: "desc", id: "desc" },
    refresh: true,
  });
  if (!last?.results) throw new Refusal("CONFLICT", otherwise);
  return last.results;
}

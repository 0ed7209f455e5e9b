import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Study } from "../schema/entities/study.ts";
import type { StudyConsent } from "../schema/entities/study-consent.ts";
import { StudyParticipant } from "../schema/entities/study-participant.ts";
import { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Clock, Database } from "./ports.ts";
import { yearAfter } from "./research/standing.ts";
import { everyoneWhoAgreed } from "./study-everyone.ts";
import type { StudyPeople } from "./study-people.ts";
import type { StudyRows } from "./study-rows.ts";
import { lastWords } from "./study-standings.ts";

/** Time to agree again, for who would like to and was on holiday. */
const GRACE_MS = 30 * 86_400_000;

export interface StudyRetentionDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly people: Pick<StudyPeople, "find">;
  readonly rows: Pick<StudyRows, "agreed">;
}

export type StudyRetention = ReturnType<typeof studyRetention>;

/** What was collected is kept for the year that was agreed to, and longer only of who agreed to that. */
export function studyRetention({ database, clock, people, rows }: StudyRetentionDeps) {
  const isOver = ({ kind, at, items }: StudyConsent): boolean =>
    kind === "given" && !items.long_term_storage && clock.now() >= yearAfter(at.getTime()) + GRACE_MS;

  const erase = async (em: EntityManager, userId: UserId, { studyId }: StudyConsent): Promise<number> => {
    const study = await em.findOneOrFail(Study, { id: studyId });
    const participant = await people.find(em, study, userId);
    if (!participant) return 0;
    return em.nativeDelete(StudyParticipant, { studyId, pseudonym: participant.pseudonym });
  };

  /** Under the lock of their row: whoever agrees again does so before or after. */
  const look = (userId: UserId): Promise<number> =>
    database.transaction(async (em) => {
      await em.findOne(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
      let erased = 0;
      for (const word of (await lastWords(em, userId)).values())
        if (isOver(word)) erased += await erase(em, userId, word);
      return erased;
    });

  return {
    /** To be called now and then. Returns of how many people in how many studies. */
    async sweep(): Promise<number> {
      let erased = 0;
      await everyoneWhoAgreed({ database, rows }, async (userId) => {
        erased += await look(userId);
      });
      return erased;
    },
  };
}

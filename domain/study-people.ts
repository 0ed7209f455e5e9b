import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Pair } from "../schema/entities/pair.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import type { Study } from "../schema/entities/study.ts";
import { StudyCohortPair } from "../schema/entities/study-cohort-pair.ts";
import { StudyParticipant } from "../schema/entities/study-participant.ts";
import type { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Chance } from "./ports.ts";
import { decadeOf } from "./research/bands.ts";
import type { Secrets } from "./secrets.ts";

export interface StudyPeopleDeps {
  readonly secrets: Pick<Secrets, "signatures">;
  readonly chance: Pick<Chance, "bytes">;
}

/** As many as a pair has. */
const TWINS = 2;

/** In each study another one; under each secret there is, the newest first. */
export const pseudonymsOf = (
  secrets: Pick<Secrets, "signatures">,
  { id, salt }: Pick<Study, "id" | "salt">,
  userId: UserId,
): readonly string[] => secrets.signatures("research", JSON.stringify([id, salt, userId]));

export type StudyPeople = ReturnType<typeof studyPeople>;

/**
 * The one way from an account to its data in a study: by a pseudonym that only who has the secret can work out, and no
 * way back. What stands under an older secret's is moved under the newest when it is come upon.
 */
export function studyPeople({ secrets, chance }: StudyPeopleDeps) {
  async function find(em: EntityManager, study: Study, userId: UserId): Promise<StudyParticipant | null> {
    const [newest = "", ...older] = pseudonymsOf(secrets, study, userId);
    const of = (pseudonyms: readonly string[]) => ({ studyId: study.id, pseudonym: { $in: [...pseudonyms] } });
    const found = await em.findOne(StudyParticipant, of([newest, ...older]), { disableIdentityMap: true });
    if (!found || found.pseudonym === newest) return found;
    await em.nativeUpdate(StudyParticipant, of([found.pseudonym]), { pseudonym: newest });
    return em.findOne(StudyParticipant, of([newest]), { disableIdentityMap: true });
  }

  const newKey = (): string => Buffer.from(chance.bytes(16)).toString("hex");

  /** The twin's, where both are in the study: they are one pair, whoever came first. */
  async function keyOfTwin(em: EntityManager, study: Study, userId: UserId): Promise<string | undefined> {
    const twinId = await twinOf(em, userId);
    const twin = twinId && (await find(em, study, twinId));
    if (!twin) return undefined;
    const members = await em.count(StudyParticipant, { studyId: study.id, pairKey: twin.pairKey });
    return members < TWINS ? twin.pairKey : undefined;
  }

  /** Who found their twin since is one pair with them from then on, unless they were told of as two. */
  async function joinTwin(em: EntityManager, study: Study, userId: UserId, own: StudyParticipant): Promise<void> {
    const alone = (await em.count(StudyParticipant, { studyId: study.id, pairKey: own.pairKey })) === 1;
    if (!alone || (await em.count(StudyCohortPair, { pairKey: own.pairKey })) > 0) return;
    const pairKey = await keyOfTwin(em, study, userId);
    if (pairKey === undefined || pairKey === own.pairKey) return;
    await em.nativeUpdate(StudyParticipant, { studyId: study.id, pseudonym: own.pseudonym }, { pairKey });
  }

  return {
    find,

    /** What of a person a study needs to know, as coarse as it needs to. Under the lock of their row. */
    async findOrMake(em: EntityManager, study: Study, user: User): Promise<StudyParticipant> {
      const found = await find(em, study, user.id);
      if (found) {
        await joinTwin(em, study, user.id, found);
        return found;
      }
      const pairKey = (await keyOfTwin(em, study, user.id)) ?? newKey();
      const [pseudonym = ""] = pseudonymsOf(secrets, study, user.id);
      const { twinType, birthDate } = user;
      const born = birthDate === null ? null : decadeOf(birthDate);
      const made = em.create(StudyParticipant, { studyId: study.id, pseudonym, pairKey, twinType, born });
      await em.flush();
      return made;
    },

    /** Leaves the data and takes away whatever leads to the person, or to their twin. */
    async forget(em: EntityManager, { studyId, pseudonym }: StudyParticipant): Promise<void> {
      const nobody = { pseudonym: `anonymous ${newKey()}`, pairKey: newKey() };
      await em.nativeUpdate(StudyParticipant, { studyId, pseudonym }, nobody);
    },
  };
}

/** Held until the transaction ends, so that of two who come at once the later one finds the earlier. */
async function twinOf(em: EntityManager, userId: UserId): Promise<UserId | undefined> {
  const mine = await em.findOne(PairMember, { userId, isActive: true }, { disableIdentityMap: true });
  if (!mine) return undefined;
  const held = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;
  const pair = await em.findOneOrFail(Pair, { id: mine.pairId }, held);
  return pair.lowUserId === userId ? pair.highUserId : pair.lowUserId;
}

export const hasTwin = async (em: EntityManager, userId: UserId): Promise<boolean> =>
  (await em.count(PairMember, { userId, isActive: true })) > 0;

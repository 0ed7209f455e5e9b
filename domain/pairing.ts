import type { EntityManager } from "@mikro-orm/core";
import { Invitation } from "../schema/entities/invitation.ts";
import { Pair } from "../schema/entities/pair.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import { PairRoom } from "../schema/entities/pair-room.ts";
import { User } from "../schema/entities/user.ts";
import { type PairId, UserId } from "../schema/wire/ids.ts";
import { CODE_LENGTH, type CodeView, type Paired, type PairOpened, type PairView } from "../schema/wire/twins.ts";
import { breaksUnique } from "./constraint.ts";
import {
  activePairs,
  lockPeople,
  noSuchCode,
  type PairChangesDeps,
  pairChanges,
  withdrawCode,
} from "./pair-changes.ts";
import { hashOf, newCode, normalCode } from "./pairing-codes.ts";
import type { AfterCommit, Caller, Database, Limits } from "./ports.ts";
import { twinView } from "./profile-views.ts";
import { Refusal } from "./refusal.ts";
import { timeOf } from "./room/message.ts";

const CODE_LIFE_MS = 24 * 60 * 60 * 1000;

export interface PairingDeps extends PairChangesDeps {
  readonly database: Database;
  readonly limits: Pick<Limits, "take">;
  /** How much the two felt at once lately, 0 to 100; 0 by default. */
  readonly syncScore?: ((pairId: PairId) => Promise<number>) | undefined;
}

const noScore = async (): Promise<number> => 0;

export type Pairing = ReturnType<typeof pairing>;

/** How two people become twins to us, and how they part. */
export function pairing(deps: PairingDeps) {
  const { database, clock, chance, limits, syncScore = noScore } = deps;
  const { joinBy, part } = pairChanges(deps);
  const now = () => new Date(clock.now());
  const shown = async (em: EntityManager, pairId: PairId, userId: UserId): Promise<PairView> => {
    const [view, score] = await Promise.all([viewOf(em, pairId, userId, clock.now()), syncScore(pairId)]);
    return { ...view, syncScore: score };
  };

  return {
    /** A code for the other phone, good for a day. A new one takes the place of the last. */
    async newCode({ userId }: Caller): Promise<CodeView> {
      return database.transaction(async (em) => {
        await lockPeople(em, [userId]);
        await withdrawCode(em, userId);
        const [createdAt, expiresAt] = [now(), new Date(clock.now() + CODE_LIFE_MS)];
        const code = newCode(chance);
        const fate = { acceptedBy: null, acceptedAt: null, pairId: null };
        const id = chance.newId(clock.now());
        em.create(Invitation, { id, inviterId: userId, code, sendings: {}, createdAt, expiresAt, ...fate });
        await em.flush();
        return { code, expiresAt: expiresAt.toISOString() };
      });
    },

    /** Throws NOT_FOUND, GONE, CONFLICT, or VALIDATION_ERROR for one's own code. */
    async redeem({ userId }: Caller, written: string): Promise<Paired> {
      await limits.take("codes.redeem", userId);
      return onePairEach(() =>
        database.transaction(async (em, afterCommit) => {
          const known = await em.findOne(Invitation, byWritten(written));
          if (!known) throw noSuchCode();
          return joinBy(em, afterCommit, known.id, userId);
        }),
      );
    },

    /** By an invitation that was found already. Throws as `redeem` does. */
    accept: ({ userId }: Caller, invitationId: string): Promise<Paired> =>
      onePairEach(() => database.transaction((em, afterCommit) => joinBy(em, afterCommit, invitationId, userId))),

    /** Both are told, the room closes, and history stays readable to both. */
    async unpair({ userId }: Pick<Caller, "userId">): Promise<PairId> {
      return database.transaction(async (em, afterCommit) => (await part(em, afterCommit, userId)).pairId);
    },

    /** Part of blocking somebody, whose row and one's own are held: they are no twins from here on, if they were. */
    async partFrom(em: EntityManager, afterCommit: AfterCommit, userId: UserId, twinId: UserId): Promise<void> {
      const active = await activePairs(em, [userId, twinId]);
      const own = active.get(userId);
      if (own !== undefined && own === active.get(twinId)) await part(em, afterCommit, userId);
    },

    activePair: (userId: UserId): Promise<PairId | null> =>
      database.read(async (em) => (await em.findOne(PairMember, { userId, isActive: true }))?.pairId ?? null),

    /** Of the pair as it is, or as it was. */
    isMember: (pairId: PairId, userId: UserId): Promise<boolean> =>
      database.read(async (em) => (await em.count(PairMember, { pairId, userId })) > 0),

    /** The caller's pair; null without one. */
    current: (userId: UserId): Promise<PairView | null> =>
      database.read(async (em) => {
        const member = await em.findOne(PairMember, { userId, isActive: true });
        return member ? shown(em, member.pairId, userId) : null;
      }),

    /** Earlier pairs, the last one first. */
    former: (userId: UserId): Promise<readonly PairView[]> =>
      database.read(async (em) => {
        const members = await em.find(PairMember, { userId, isActive: false });
        const views = await Promise.all(members.map(({ pairId }) => shown(em, pairId, userId)));
        return views.toSorted((a, b) => (b.unpairedAt ?? "").localeCompare(a.unpairedAt ?? ""));
      }),

    /** What somebody who waits is told once they have a twin. */
    news: (userId: UserId): Promise<PairOpened | null> =>
      database.read(async (em) => {
        const member = await em.findOne(PairMember, { userId, isActive: true });
        if (!member) return null;
        const { id, twin } = await viewOf(em, member.pairId, userId, clock.now());
        return { pairId: id, twinProfile: twin };
      }),
  };
}

/** The database sees two who were quicker than each other's locks. */
async function onePairEach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!breaksUnique(error, "pair_members_one_active")) throw error;
    throw new Refusal("CONFLICT", "One of you has a twin here already");
  }
}

/** A code as it is read aloud, or the token of a link. */
function byWritten(written: string): { code: string } | { tokenHash: string } {
  const normal = normalCode(written);
  return normal.length > CODE_LENGTH ? { tokenHash: hashOf(normal) } : { code: normal };
}

async function viewOf(em: EntityManager, pairId: PairId, userId: UserId, now: number): Promise<PairView> {
  const pair = await em.findOneOrFail(Pair, { id: pairId });
  const twinId = pair.lowUserId === userId ? pair.highUserId : pair.lowUserId;
  const [twin, room] = await Promise.all([
    em.findOneOrFail(User, { id: UserId.parse(twinId) }),
    em.findOneOrFail(PairRoom, { pairId }, { refresh: true }),
  ]);
  return {
    id: pair.id,
    status: pair.status,
    pairedAt: pair.pairedAt.toISOString(),
    unpairedAt: pair.unpairedAt?.toISOString() ?? null,
    twin: twinView(twin, now),
    syncScore: 0,
    totalMessages: room.lastSeq - room.firstSeq + 1,
    lastInteraction: room.lastId === null ? null : new Date(timeOf(room.lastId)).toISOString(),
  };
}

import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Invitation } from "../schema/entities/invitation.ts";
import { Pair } from "../schema/entities/pair.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import { PairRoom } from "../schema/entities/pair-room.ts";
import { User } from "../schema/entities/user.ts";
import { PairId, UserId } from "../schema/wire/ids.ts";
import type { PairClosed } from "../schema/wire/room.ts";
import type { CodeView, Paired, PairOpened, PairView } from "../schema/wire/twins.ts";
import { breaksUnique } from "./constraint.ts";
import { noticing } from "./notices.ts";
import { newCode, normalCode } from "./pairing-codes.ts";
import type { Caller, Chance, Clock, Database, Limits, Notices } from "./ports.ts";
import { twinView } from "./profile-views.ts";
import { Refusal } from "./refusal.ts";
import { timeOf } from "./room/message.ts";

const CODE_LIFE_MS = 24 * 60 * 60 * 1000;

export interface PairingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: Pick<Limits, "take">;
  readonly notices: Notices;
}

export type Pairing = ReturnType<typeof pairing>;

/** How two people become twins to us, and how they part. */
export function pairing({ database, clock, chance, limits, notices }: PairingDeps) {
  const now = () => new Date(clock.now());
  const tell = noticing({ clock, chance, notices });

  /** The pair of these two, which they may have been before. */
  async function pairOf(em: EntityManager, inviterId: UserId, callerId: UserId): Promise<Pair> {
    const [lowUserId, highUserId] = inviterId < callerId ? [inviterId, callerId] : [callerId, inviterId];
    const opened = { status: "open", pairedAt: now(), unpairedAt: null } as const;
    const known = await em.findOne(Pair, { lowUserId, highUserId });
    if (known) return Object.assign(known, opened);
    const id = PairId.parse(chance.newId(clock.now()));
    return em.create(Pair, { id, lowUserId, highUserId, ...opened });
  }

  async function join(em: EntityManager, invitation: Invitation, callerId: UserId) {
    const { inviterId } = invitation;
    const pair = await pairOf(em, inviterId, callerId);
    await em.flush();
    const members = [inviterId, callerId].map((userId) => ({ pairId: pair.id, userId, isActive: true }));
    await em.upsertMany(PairMember, members);
    settle(invitation, callerId, pair.id);
    await em.flush();
    return nextEpoch(em, pair.id, "open");
  }

  /** The pair there is from now on; with the epoch it opens under, if it is news. */
  async function accept(em: EntityManager, invitation: Invitation, callerId: UserId): Promise<Accepted> {
    const active = await activePairs(em, [invitation.inviterId, callerId]);
    const [theirs, own] = [active.get(invitation.inviterId), active.get(callerId)];
    // Two codes that cross, or one redeemed again, make the one pair there is.
    if (own !== undefined && own === theirs) {
      settle(invitation, callerId, own);
      return { pairId: own };
    }
    refuseSpent(invitation, clock.now());
    if (own !== undefined) throw new Refusal("CONFLICT", "You have a twin here already");
    if (theirs !== undefined) throw new Refusal("CONFLICT", "Whoever gave you this code has a twin here already");
    refuseWithdrawn(invitation);
    return join(em, invitation, callerId);
  }

  function settle(invitation: Invitation, acceptedBy: UserId, pairId: PairId): void {
    if (invitation.status !== "pending") return;
    Object.assign(invitation, { status: "accepted", acceptedBy, acceptedAt: now(), pairId });
  }

  async function unpairIn(em: EntityManager, userId: UserId): Promise<Fenced> {
    const member = await em.findOne(PairMember, { userId, isActive: true });
    if (!member) throw new Refusal("NOT_PAIRED", "You have no twin here");
    const pair = await em.findOneOrFail(Pair, { id: member.pairId });
    await lockPeople(em, [pair.lowUserId, pair.highUserId]);
    const ended = await em.nativeUpdate(PairMember, { pairId: pair.id, isActive: true }, { isActive: false });
    if (ended === 0) throw new Refusal("NOT_PAIRED", "You have no twin here");
    Object.assign(pair, { status: "closed", unpairedAt: now() });
    await em.flush();
    // Nobody comes back by a code that was given out before.
    await withdrawCodes(em, [pair.lowUserId, pair.highUserId]);
    return nextEpoch(em, pair.id, "closed");
  }

  return {
    /** A code for the other phone, good for a day. A new one takes the place of the last. */
    async newCode({ userId }: Caller): Promise<CodeView> {
      return database.transaction(async (em) => {
        await lockPeople(em, [userId]);
        await withdrawCodes(em, [userId]);
        const [createdAt, expiresAt] = [now(), new Date(clock.now() + CODE_LIFE_MS)];
        const code = newCode(chance);
        const fate = { acceptedBy: null, acceptedAt: null, pairId: null };
        const id = chance.newId(clock.now());
        em.create(Invitation, { id, inviterId: userId, code, status: "pending", createdAt, expiresAt, ...fate });
        await em.flush();
        return { code, expiresAt: expiresAt.toISOString() };
      });
    },

    /** Throws NOT_FOUND, GONE, CONFLICT, or VALIDATION_ERROR for one's own code. */
    async redeem({ userId }: Caller, written: string): Promise<Paired> {
      await limits.take("codes.redeem", userId);
      try {
        return await database.transaction(async (em, afterCommit) => {
          const known = await em.findOne(Invitation, { code: normalCode(written) });
          if (!known) throw new Refusal("NOT_FOUND", "There is no such code");
          const { inviterId } = known;
          if (inviterId === userId) throw ownCode();
          const people = await lockPeople(em, [inviterId, userId]);
          const inviter = people.find(({ id, status }) => id === inviterId && status === "active");
          if (!inviter) throw new Refusal("NOT_FOUND", "There is no such code");
          const invitation = await em.findOneOrFail(Invitation, { id: known.id }, { refresh: true });
          const { pairId, epoch } = await accept(em, invitation, userId);
          const between: [UserId, UserId] = [inviterId, userId];
          if (epoch !== undefined) tell(em, afterCommit, { what: "pair.opened", pairId, between, epoch });
          const twinProfile = twinView(inviter, clock.now());
          return { pairId, twinProfile, message: `You and ${inviter.name} are twins here now` };
        });
      } catch (error) {
        if (!breaksUnique(error, "pair_members_one_active")) throw error;
        throw new Refusal("CONFLICT", "One of you has a twin here already");
      }
    },

    /** Both are told, the room closes, and history stays readable to both. */
    async unpair({ userId }: Caller, reason: PairClosed["reason"] = "unpaired"): Promise<PairId> {
      return database.transaction(async (em, afterCommit) => {
        const fenced = await unpairIn(em, userId);
        tell(em, afterCommit, { what: "pair.closed", reason, ...fenced });
        return fenced.pairId;
      });
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
        return member ? viewOf(em, member.pairId, userId, clock.now()) : null;
      }),

    /** Earlier pairs, the last one first. */
    former: (userId: UserId): Promise<readonly PairView[]> =>
      database.read(async (em) => {
        const members = await em.find(PairMember, { userId, isActive: false });
        const views = await Promise.all(members.map(({ pairId }) => viewOf(em, pairId, userId, clock.now())));
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

/** In one order, so that two who want the same two wait for each other and never deadlock. */
function lockPeople(em: EntityManager, ids: readonly UserId[]): Promise<User[]> {
  const lockMode = LockMode.PESSIMISTIC_WRITE;
  return em.find(User, { id: { $in: [...ids] } }, { lockMode, orderBy: { id: "asc" }, refresh: true });
}

async function activePairs(em: EntityManager, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, PairId>> {
  const members = await em.find(PairMember, { userId: { $in: [...userIds] }, isActive: true });
  return new Map(members.map(({ userId, pairId }) => [userId, pairId]));
}

function ownCode(): Refusal {
  const message = "is your own: your twin must enter it";
  return new Refusal("VALIDATION_ERROR", `code: ${message}`, { details: [{ path: "code", message }] });
}

function refuseSpent({ status, expiresAt }: Invitation, now: number): void {
  if (status === "accepted") throw new Refusal("CONFLICT", "This code was used already");
  if (expiresAt.getTime() <= now) throw new Refusal("GONE", "This code has expired: ask your twin for a new one");
}

function refuseWithdrawn({ status }: Invitation): void {
  if (status === "cancelled") throw new Refusal("GONE", "This code counts no more: ask your twin for a new one");
}

const withdrawCodes = (em: EntityManager, inviterIds: readonly UserId[]): Promise<number> =>
  em.nativeUpdate(Invitation, { inviterId: { $in: [...inviterIds] }, status: "pending" }, { status: "cancelled" });

/** A pair whose room was ended for good, by taking the next epoch; that of a new pair is the first. */
interface Fenced {
  readonly pairId: PairId;
  readonly epoch: number;
}

type Accepted = Pick<Fenced, "pairId"> & Partial<Fenced>;

/** Taken last, for whoever holds this row keeps the pair's room waiting. */
async function nextEpoch(em: EntityManager, pairId: PairId, status: "open" | "closed"): Promise<Fenced> {
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true };
  const known = await em.findOne(PairRoom, { pairId }, lock);
  const room = known ?? em.create(PairRoom, { pairId, lastId: null, owner: null, roomId: null });
  if (known) Object.assign(known, { epoch: known.epoch + 1, status, owner: null, roomId: null });
  await em.flush();
  return { pairId, epoch: room.epoch };
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

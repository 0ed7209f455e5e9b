import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Block } from "../schema/entities/block.ts";
import { Invitation, OPEN_INVITATIONS } from "../schema/entities/invitation.ts";
import { Pair } from "../schema/entities/pair.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import { PairRoom } from "../schema/entities/pair-room.ts";
import { User } from "../schema/entities/user.ts";
import { PairId, type UserId } from "../schema/wire/ids.ts";
import { InvitationId, type Paired } from "../schema/wire/twins.ts";
import { withdrawWhenParting } from "./consents.ts";
import { noticing } from "./notices.ts";
import type { AfterCommit, Chance, Clock, Notices, Outbox } from "./ports.ts";
import { twinView } from "./profile-views.ts";
import { Refusal } from "./refusal.ts";

/** Says on somebody's locked screen what became of their pair. */
export type TellByPush = (
  em: EntityManager,
  userId: UserId,
  what: "paired" | "unpaired",
  twinName: string,
) => Promise<void>;

const nobody: TellByPush = async () => undefined;

export interface PairChangesDeps {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly notices: Notices;
  readonly outbox: Outbox;
  /** Nobody does by default. */
  readonly tellByPush?: TellByPush;
}

/** How two become a pair, and stop being one: the parts of a transaction that holds the rows of both. */
export function pairChanges({ clock, chance, notices, outbox, tellByPush = nobody }: PairChangesDeps) {
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

  async function join(em: EntityManager, afterCommit: AfterCommit, invitation: Invitation, callerId: UserId) {
    const { inviterId } = invitation;
    const pair = await pairOf(em, inviterId, callerId);
    await em.flush();
    const members = [inviterId, callerId].map((userId) => ({ pairId: pair.id, userId, isActive: true }));
    await em.upsertMany(PairMember, members);
    settle(em, afterCommit, invitation, callerId, pair.id);
    await em.flush();
    await withdrawSent(em, afterCommit, [inviterId, callerId]);
    return nextEpoch(em, pair.id, "open");
  }

  /** The pair there is from now on; with the epoch it opens under, if it is news. */
  async function accept(
    em: EntityManager,
    afterCommit: AfterCommit,
    invitation: Invitation,
    callerId: UserId,
  ): Promise<Accepted> {
    const active = await activePairs(em, [invitation.inviterId, callerId]);
    const [theirs, own] = [active.get(invitation.inviterId), active.get(callerId)];
    // Two codes that cross, or one redeemed again, make the one pair there is.
    if (own !== undefined && own === theirs) {
      settle(em, afterCommit, invitation, callerId, own);
      return { pairId: own };
    }
    refuseSpent(invitation, clock.now());
    if (own !== undefined) throw new Refusal("CONFLICT", "You have a twin here already");
    if (theirs !== undefined) throw new Refusal("CONFLICT", "Whoever gave you this code has a twin here already");
    refuseWithdrawn(invitation);
    return join(em, afterCommit, invitation, callerId);
  }

  /** Nobody comes any more by what the two had sent, and they hear so wherever they wait. */
  async function withdrawSent(em: EntityManager, afterCommit: AfterCommit, of: readonly UserId[]): Promise<void> {
    const open = { ...openOf(of), kind: "sent", expiresAt: { $gt: now() } } as const;
    for (const invitation of await em.find(Invitation, open, { ...held, orderBy: { id: "asc" } })) {
      invitation.status = "cancelled";
      tellStatus(em, afterCommit, invitation);
    }
    await em.flush();
  }

  function tellStatus(em: EntityManager, afterCommit: AfterCommit, { id, inviterId, status }: Invitation): void {
    const invitationId = InvitationId.parse(id);
    tell(em, afterCommit, { what: "invitation.updated", userId: inviterId, invitationId, status });
  }

  function settle(
    em: EntityManager,
    afterCommit: AfterCommit,
    invitation: Invitation,
    acceptedBy: UserId,
    pairId: PairId,
  ): void {
    if (!OPEN_INVITATIONS.includes(invitation.status)) return;
    Object.assign(invitation, { status: "accepted", acceptedBy, acceptedAt: now(), respondedAt: now(), pairId });
    if (invitation.kind === "sent") tellStatus(em, afterCommit, invitation);
  }

  /** Whoever made it, and whoever holds it, are twins from here on, or were already. Both hold their rows. */
  async function joinBy(em: EntityManager, afterCommit: AfterCommit, id: string, userId: UserId): Promise<Paired> {
    const known = await em.findOneOrFail(Invitation, { id });
    const { inviterId } = known;
    if (inviterId === userId) throw ownCode();
    const people = await lockPeople(em, [inviterId, userId]);
    const inviter = people.find((one) => one.id === inviterId && one.status === "active");
    if (!inviter) throw noSuchCode();
    await refuseBlocked(em, inviterId, userId);
    // Before the invitation's own row, as whoever notes what became of its mail does it.
    if (known.kind === "sent") await outbox.answered(em, id);
    const invitation = await em.findOneOrFail(Invitation, { id }, held);
    const { pairId, epoch } = await accept(em, afterCommit, invitation, userId);
    const between: [UserId, UserId] = [inviterId, userId];
    if (epoch !== undefined) {
      tell(em, afterCommit, { what: "pair.opened", pairId, between, epoch });
      await tellJoined(em, invitation, inviter, people);
    }
    const twinProfile = twinView(inviter, clock.now());
    return { pairId, twinProfile, message: `You and ${inviter.name} are twins here now` };
  }

  /** Who made the invitation may be anywhere by now. */
  async function tellJoined(
    em: EntityManager,
    { kind, inviterId }: Invitation,
    { name, email: to }: User,
    people: readonly User[],
  ): Promise<void> {
    const twin = people.find((one) => one.id !== inviterId);
    if (!twin) return;
    await tellByPush(em, inviterId, "paired", twin.name);
    if (kind === "code") return;
    const { name: twinName, accentColor } = twin;
    const letter = { template: "invitation_accepted", name, twinName, accentColor } as const;
    await outbox.send(em, { channel: "email", to, letter }, { userId: inviterId });
  }

  /** Parts the two, and tells the other: by mail and push, for their socket only says that it is over. */
  async function part(em: EntityManager, afterCommit: AfterCommit, userId: UserId): Promise<Fenced> {
    const { twinId, ...fenced } = await unpairIn(em, afterCommit, userId);
    tell(em, afterCommit, { what: "pair.closed", reason: "unpaired", ...fenced });
    const [twin, own] = await Promise.all([
      em.findOneOrFail(User, { id: twinId }),
      em.findOneOrFail(User, { id: userId }),
    ]);
    await tellByPush(em, twinId, "unpaired", own.name);
    const letter = { template: "pair_ended", name: twin.name, twinName: own.name } as const;
    await outbox.send(em, { channel: "email", to: twin.email, letter }, { userId: twinId });
    return fenced;
  }

  async function unpairIn(
    em: EntityManager,
    afterCommit: AfterCommit,
    userId: UserId,
  ): Promise<Fenced & { readonly twinId: UserId }> {
    const member = await em.findOne(PairMember, { userId, isActive: true });
    if (!member) throw new Refusal("NOT_PAIRED", "You have no twin here");
    const pair = await em.findOneOrFail(Pair, { id: member.pairId });
    await lockPeople(em, [pair.lowUserId, pair.highUserId]);
    const ended = await em.nativeUpdate(PairMember, { pairId: pair.id, isActive: true }, { isActive: false });
    if (ended === 0) throw new Refusal("NOT_PAIRED", "You have no twin here");
    Object.assign(pair, { status: "closed", unpairedAt: now() });
    await em.flush();
    // Nobody comes back by a code that was given out before.
    await withdrawSent(em, afterCommit, [pair.lowUserId, pair.highUserId]);
    await withdrawInvitations(em, [pair.lowUserId, pair.highUserId]);
    await withdrawWhenParting({ clock, chance }, em, [pair.lowUserId, pair.highUserId]);
    const twinId = pair.lowUserId === userId ? pair.highUserId : pair.lowUserId;
    return { ...(await nextEpoch(em, pair.id, "closed")), twinId };
  }

  return { joinBy, part };
}

/** In one order, so that two who want the same two wait for each other and never deadlock. */
export function lockPeople(em: EntityManager, ids: readonly UserId[]): Promise<User[]> {
  const lockMode = LockMode.PESSIMISTIC_WRITE;
  return em.find(User, { id: { $in: [...ids] } }, { lockMode, orderBy: { id: "asc" }, refresh: true });
}

export async function activePairs(em: EntityManager, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, PairId>> {
  const members = await em.find(PairMember, { userId: { $in: [...userIds] }, isActive: true });
  return new Map(members.map(({ userId, pairId }) => [userId, pairId]));
}

export const noSuchCode = (): Refusal => new Refusal("NOT_FOUND", "There is no such code");

const held = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;

export const isBlocked = async (em: EntityManager, blockerId: UserId, blockedId: UserId): Promise<boolean> =>
  (await em.count(Block, { blockerId, blockedId })) > 0;

/** To who is blocked, nothing of who blocked them is there. */
async function refuseBlocked(em: EntityManager, inviterId: UserId, userId: UserId): Promise<void> {
  if (await isBlocked(em, inviterId, userId)) throw noSuchCode();
  if (await isBlocked(em, userId, inviterId))
    throw new Refusal("CONFLICT", "You have blocked whoever this is from: unblock them first");
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
  if (!OPEN_INVITATIONS.includes(status))
    throw new Refusal("GONE", "This code counts no more: ask your twin for a new one");
}

const openOf = (inviterIds: readonly UserId[]) => ({
  inviterId: { $in: [...inviterIds] },
  status: { $in: [...OPEN_INVITATIONS] },
});

/** A new code takes the place of the last; invitations that were sent stay. */
export const withdrawCode = (em: EntityManager, inviterId: UserId): Promise<number> =>
  em.nativeUpdate(Invitation, { ...openOf([inviterId]), kind: "code" }, { status: "cancelled" });

/** Of who goes, or parts: nobody comes by what was given out before. */
export const withdrawInvitations = (em: EntityManager, inviterIds: readonly UserId[]): Promise<number> =>
  em.nativeUpdate(Invitation, openOf(inviterIds), { status: "cancelled" });

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

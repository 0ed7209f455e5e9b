import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Invitation, OPEN_INVITATIONS, type Sending } from "../schema/entities/invitation.ts";
import { User } from "../schema/entities/user.ts";
import type { Letter } from "../schema/wire/letters.ts";
import type { Listed } from "../schema/wire/lists.ts";
import {
  type InvitationAnalytics,
  type InvitationContact,
  InvitationId,
  type InvitationPreview,
  type InvitationView,
  type Invite,
  type Paired,
} from "../schema/wire/twins.ts";
import { cursors } from "./cursors.ts";
import { figuresOf, recentOf, statusAt } from "./invitation-analytics.ts";
import { sendingAfter, statusOf } from "./invitation-states.ts";
import { invitationViews } from "./invitation-views.ts";
import type { Links } from "./links.ts";
import { noticing } from "./notices.ts";
import { isBlocked } from "./pair-changes.ts";
import type { Pairing } from "./pairing.ts";
import { hashOf, newCode, newToken } from "./pairing-codes.ts";
import type { AfterCommit, Caller, Chance, Clock, Database, FollowDelivery, Limits, Notices, Outbox } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";

const HOUR_MS = 60 * 60_000;
const LIFE_MS = 168 * HOUR_MS;

/** So long after its end it is remembered to whom an invitation went. */
const CONTACT_KEPT_MS = 30 * 24 * HOUR_MS;

export interface InvitationsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: Pick<Limits, "take">;
  readonly notices: Notices;
  readonly outbox: Outbox;
  readonly links: Links;
  readonly secrets: Pick<Secrets, "seal" | "open" | "sign" | "isSigned">;
  readonly pairing: Pick<Pairing, "accept">;
  readonly isPossible: (phone: string) => boolean;
}

export type Invitations = ReturnType<typeof invitations>;

/** Asking somebody to be one's twin, by mail or by text message. */
export function invitations(deps: InvitationsDeps) {
  const { database, clock, chance, limits, outbox, links, secrets, pairing } = deps;
  const tell = noticing(deps);
  const pages = cursors(secrets);
  const { seal, contactOf, viewOf } = invitationViews(deps);
  const now = () => new Date(clock.now());

  /** On its way by each of the ways it was asked for. */
  async function send(em: EntityManager, of: Invitation, inviter: User, { email, phone, token }: InvitationContact) {
    const { name: inviterName, accentColor, id: userId } = inviter;
    const link = links.invitation(token);
    const about = { inviterName, accentColor, code: of.code, link, expiresAt: of.expiresAt.toISOString() };
    const letter: Letter = { template: "invitation", ...about };
    const purpose = { userId, about: of.id };
    const begun: string[] = [];
    if (email !== null) begun.push(await outbox.send(em, { channel: "email", to: email, letter }, purpose));
    if (phone !== null) begun.push(await outbox.send(em, { channel: "sms", to: phone, letter }, purpose));
    of.sendings = { ...of.sendings, ...Object.fromEntries(begun.map((id) => [id, BEGUN])) };
    await em.flush();
  }

  /** Its maker hears of it wherever they wait. */
  function move(em: EntityManager, afterCommit: AfterCommit, of: Invitation, status: Invitation["status"]): void {
    of.status = status;
    const invitationId = InvitationId.parse(of.id);
    tell(em, afterCommit, { what: "invitation.updated", userId: of.inviterId, invitationId, status });
  }

  /** One's own, held. Anybody else's is not there. */
  async function own(em: EntityManager, { userId }: Caller, id: InvitationId): Promise<Invitation> {
    const found = await em.findOne(Invitation, { id, inviterId: userId, kind: "sent" }, held);
    if (!found) throw new Refusal("NOT_FOUND", "You have no such invitation");
    return found;
  }

  const byToken = async (em: EntityManager, token: string): Promise<Invitation> => {
    const found = await em.findOne(Invitation, { tokenHash: hashOf(token) }, { refresh: true });
    if (!found) throw noSuchInvitation();
    return found;
  };

  return {
    /** Throws RATE_LIMIT_EXCEEDED after five in an hour. Whether anybody has the address, nobody learns. */
    async invite({ userId }: Caller, { email, phone, method }: Invite): Promise<InvitationView> {
      if (method !== "email" && phone && !deps.isPossible(phone)) throw noSuchNumber();
      await limits.take("invitations", userId);
      return database.transaction(async (em) => {
        const inviter = await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
        const token = newToken(chance);
        const contact: InvitationContact = {
          token,
          email: method === "sms" ? null : (email ?? null),
          phone: method === "email" ? null : (phone ?? null),
        };
        const of = em.create(Invitation, {
          ...{ id: chance.newId(clock.now()), inviterId: userId, kind: "sent", code: newCode(chance) },
          ...{ tokenHash: hashOf(token), sealed: seal(contact), sendings: {} },
          ...{ createdAt: now(), expiresAt: new Date(clock.now() + LIFE_MS) },
          ...{ acceptedBy: null, acceptedAt: null, pairId: null },
        });
        await send(em, of, inviter, contact);
        return viewOf(of, inviter);
      });
    },

    /** One's own, the newest first, and what became of all of them. */
    async list({ userId }: Caller, query: Listed) {
      const mine = { inviterId: userId, kind: "sent" } as const;
      const order = { orderBy: { id: "desc" } } as const;
      return database.read(async (em) => {
        const person = await findPerson(em, userId);
        const page = await pages.page({ list: "invitations", userId }, query, {
          find: (limit, after) =>
            em.find(Invitation, { ...mine, ...(after && { id: { $lt: after } }) }, { ...order, limit }),
          placeOf: ({ id }) => id,
        });
        const all = await em.find(Invitation, mine, { ...order, fields: COUNTED, disableIdentityMap: true });
        const counted = all.map((of) => ({
          id: of.id,
          status: statusAt(of, clock.now()),
          createdAt: of.createdAt.getTime(),
          sentAt: of.sentAt?.getTime() ?? null,
          respondedAt: of.respondedAt?.getTime() ?? null,
        }));
        const recentIds = recentOf(counted, clock.now()).map(({ id }) => id);
        const recent = await em.find(Invitation, { id: { $in: recentIds } }, order);
        const shown = (of: Invitation) => viewOf(of, person);
        const analytics: InvitationAnalytics = {
          ...figuresOf(counted),
          recentInvitations: recent.map(shown),
        };
        return { invitations: page.items.map(shown), nextCursor: page.nextCursor, analytics };
      });
    },

    /** For whoever has the link. It changes nothing, and tells nothing of whom it was sent to. */
    preview: (token: string): Promise<InvitationPreview> =>
      database.read(async (em) => {
        const of = await byToken(em, token);
        const inviter = await em.findOneOrFail(User, { id: of.inviterId });
        const isGone = inviter.status !== "active" || inviter.deletionDueAt !== null;
        if (isGone) throw noSuchInvitation();
        const { name: inviterName, accentColor, twinType } = inviter;
        const { code, expiresAt } = of;
        const status = statusAt(of, clock.now());
        return { inviterName, accentColor, twinType, code, status, expiresAt: expiresAt.toISOString() };
      }),

    /** As redeeming its code. */
    async accept(caller: Caller, token: string): Promise<Paired> {
      const known = await database.read((em) => em.findOne(Invitation, { tokenHash: hashOf(token) }));
      if (known) return pairing.accept(caller, known.id);
      // Nobody comes upon one by guessing, and nobody is to try for nothing.
      await limits.take("codes.redeem", caller.userId);
      throw noSuchInvitation();
    },

    /** By whoever has the link, with or without an account. Declining twice is declining once. */
    decline: (caller: Caller | undefined, token: string): Promise<void> =>
      database.transaction(async (em, afterCommit) => {
        const { id, inviterId } = await byToken(em, token);
        if (inviterId === caller?.userId) throw new Refusal("FORBIDDEN", "It is your own: cancel it instead");
        if (caller && (await isBlocked(em, inviterId, caller.userId))) throw noSuchInvitation();
        // Before the invitation's own row, as whoever notes what became of its mail does it.
        await outbox.answered(em, id);
        const of = await em.findOneOrFail(Invitation, { id }, held);
        const status = statusAt(of, clock.now());
        if (status === "declined") return;
        if (status === "accepted") throw new Refusal("CONFLICT", "This invitation was accepted already");
        if (!OPEN_INVITATIONS.includes(status)) throw new Refusal("GONE", "This invitation counts no more");
        of.respondedAt = now();
        move(em, afterCommit, of, "declined");
        await em.flush();
      }),

    /** The same invitation once more, on all its ways; it counts as another one for the limit. */
    resend: (caller: Caller, id: InvitationId): Promise<InvitationView> =>
      database.transaction(async (em) => {
        const inviter = await findPerson(em, caller.userId);
        const of = await own(em, caller, id);
        refuseEnded(statusAt(of, clock.now()));
        await limits.take("invitations", caller.userId);
        const contact = contactOf(of);
        if (!contact) throw new Refusal("GONE", "Nobody knows any more whom this was sent to");
        await send(em, of, inviter, contact);
        return viewOf(of, inviter);
      }),

    /** Its link and code count no more. Cancelling twice is cancelling once. */
    cancel: (caller: Caller, id: InvitationId): Promise<void> =>
      database.transaction(async (em, afterCommit) => {
        const of = await own(em, caller, id);
        const status = statusAt(of, clock.now());
        if (status === "cancelled") return;
        refuseEnded(status);
        move(em, afterCommit, of, "cancelled");
        await em.flush();
      }),

    /** What became of its mails and messages. */
    follow: (async (em, afterCommit, news) => {
      if (news.about === null || news.channel === "push") return;
      const of = await em.findOne(Invitation, { id: news.about }, held);
      if (!of) return;
      of.sendings = { ...of.sendings, [news.deliveryId]: sendingAfter(of.sendings[news.deliveryId], news) };
      if (news.state !== "failed") of.sentAt ??= new Date(news.at);
      const status = statusOf(of);
      if (status !== of.status) move(em, afterCommit, of, status);
      await em.flush();
    }) satisfies FollowDelivery,

    /** Says of those that ran out that they did, and forgets to whom old ones went; to be called now and then. */
    sweep: (): Promise<number> =>
      database.transaction(async (em, afterCommit) => {
        const over = { status: { $in: [...OPEN_INVITATIONS] }, expiresAt: { $lte: now() } };
        const expired = await em.find(Invitation, over, { ...unheld, limit: SWEPT_AT_ONCE });
        for (const of of expired) {
          if (of.kind === "sent") move(em, afterCommit, of, "expired");
          else of.status = "expired";
        }
        await em.flush();
        const old = { sealed: { $ne: null }, expiresAt: { $lt: new Date(clock.now() - CONTACT_KEPT_MS) } };
        await em.nativeUpdate(Invitation, old, { sealed: null });
        return expired.length;
      }),
  };
}

const SWEPT_AT_ONCE = 500;

const held = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true } as const;

/** Whoever is at one has its turn first; it is swept the next time. */
const unheld = { lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE, refresh: true } as const;

/** Not yet heard of again. */
const BEGUN: Sending = { state: "pending", attempts: 0, at: null };

/** What the figures look at: there may be many, and nothing is unsealed for a number. */
const COUNTED = ["id", "status", "createdAt", "expiresAt", "sentAt", "respondedAt"] as const;

const noSuchInvitation = (): Refusal => new Refusal("NOT_FOUND", "There is no such invitation");

function refuseEnded(status: Invitation["status"]): void {
  if (status === "accepted") throw new Refusal("CONFLICT", "This invitation was accepted already");
  if (!OPEN_INVITATIONS.includes(status)) throw new Refusal("GONE", "This invitation counts no more: make a new one");
}

function noSuchNumber(): Refusal {
  const message = "is no number that a message could be sent to";
  return new Refusal("VALIDATION_ERROR", `phone: ${message}`, { details: [{ path: "phone", message }] });
}

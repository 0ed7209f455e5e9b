import type { EntityManager } from "@mikro-orm/core";
import { Delivery } from "../schema/entities/delivery.ts";
import { Pair } from "../schema/entities/pair.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import { Session } from "../schema/entities/session.ts";
import { Suppression } from "../schema/entities/suppression.ts";
import { User } from "../schema/entities/user.ts";
import { emailKey } from "../schema/wire/email.ts";
import { UserId } from "../schema/wire/ids.ts";
import type { PersonCase, SuppressionView } from "../schema/wire/staff-people.ts";
import { findByKey } from "./accounts.ts";
import { addressKeysOf } from "./address-keys.ts";
import type { Entitlements } from "./ports.ts";
import type { Secrets } from "./secrets.ts";
import { grantsOf } from "./staff.ts";

/** Enough to see whether anything arrives. */
const LAST_DELIVERIES = 10;

export interface PersonCasesDeps {
  readonly secrets: Pick<Secrets, "signatures">;
  readonly entitlements: Entitlements;
}

/** Whoever has that id, or that whole address. What is neither is nobody's. */
export async function findByWord(em: EntityManager, word: string): Promise<User | null> {
  const id = UserId.safeParse(word);
  if (id.success) return em.findOne(User, { id: id.data });
  const key = emailKey(word);
  return key === undefined ? null : findByKey(em, key);
}

/** How things stand with somebody; `now`: milliseconds since 1970. */
export async function personCase(
  { secrets, entitlements }: PersonCasesDeps,
  em: EntityManager,
  user: User,
  now: number,
): Promise<PersonCase> {
  const { id, email, emailVerified, status, createdAt, deletionDueAt } = user;
  const member = await em.findOne(PairMember, { userId: id, isActive: true });
  const pair = member && (await em.findOne(Pair, { id: member.pairId }));
  const live = { user: id, revokedAt: null, expiresAt: { $gt: new Date(now) } };
  return {
    ...{ id, email, emailVerified, status },
    hasPhone: user.phone !== null,
    createdAt: createdAt.toISOString(),
    deletionDueAt: deletionDueAt?.toISOString() ?? null,
    pairId: pair?.id ?? null,
    pairedSince: pair?.pairedAt.toISOString() ?? null,
    devices: await em.count(Session, live),
    isPremium: (await entitlements.of(id)).has("premium_features"),
    worksHere: (await grantsOf(em, id)).length > 0,
    suppressions: status === "deleted" ? [] : await suppressionsOf(secrets, em, user),
    deliveries: await lastDeliveries(em, id),
  };
}

async function suppressionsOf(secrets: Pick<Secrets, "signatures">, em: EntityManager, { email, phone }: User) {
  const keys = [
    ...addressKeysOf(secrets, "email", email),
    ...(phone === null ? [] : addressKeysOf(secrets, "sms", phone)),
  ];
  const found = await em.find(Suppression, { addressKey: { $in: keys } }, { orderBy: { at: "desc" } });
  return found.map(suppressionView);
}

export const suppressionView = ({ channel, reason, at, liftedAt }: Suppression): SuppressionView => ({
  channel,
  reason,
  at: at.toISOString(),
  liftedAt: liftedAt !== null && liftedAt >= at ? liftedAt.toISOString() : null,
});

async function lastDeliveries(em: EntityManager, userId: UserId): Promise<PersonCase["deliveries"]> {
  const last = await em.find(Delivery, { userId }, { orderBy: { createdAt: "desc" }, limit: LAST_DELIVERIES });
  return last.map(({ channel, template, status, createdAt }) => ({
    ...{ channel, template, status },
    at: createdAt.toISOString(),
  }));
}

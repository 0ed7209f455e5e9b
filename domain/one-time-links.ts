import { createHash } from "node:crypto";
import { type EntityManager, LockMode } from "@mikro-orm/core";
import { type LinkPurpose, OneTimeLink } from "../schema/entities/one-time-link.ts";
import type { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Chance, Clock } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";

const HOUR_MS = 60 * 60_000;

/** Long enough to come to one's mail; a way to a new password for no longer than one is at it. */
const LIFE_MS: Readonly<Record<LinkPurpose, number>> = {
  verify_address: 48 * HOUR_MS,
  change_address: 48 * HOUR_MS,
  reset_password: HOUR_MS,
};

/** Of these only the newest counts: whoever asks again wants the one before to be of no use. */
const ALONE: readonly LinkPurpose[] = ["change_address", "reset_password"];

const TOKEN_BYTES = 32;

export interface LinkFor {
  readonly userId: UserId;
  readonly purpose: LinkPurpose;
  readonly address: string;
}

type Means = { readonly clock: Clock; readonly chance: Pick<Chance, "bytes"> };

/** Makes a link's token, under the lock of its person's row. Only its hash is kept. */
export async function newLink({ clock, chance }: Means, em: EntityManager, of: LinkFor): Promise<string> {
  const { userId, purpose } = of;
  if (ALONE.includes(purpose)) await em.nativeDelete(OneTimeLink, { userId, purpose });
  const token = Buffer.from(chance.bytes(TOKEN_BYTES)).toString("base64url");
  const expiresAt = new Date(clock.now() + LIFE_MS[purpose]);
  em.create(OneTimeLink, { ...of, hash: hashOf(token), expiresAt, usedAt: null });
  return token;
}

/** For looking only: what a link is for, if it is one. Throws NOT_FOUND, or GONE once it is over. */
export async function findLink(em: EntityManager, token: string, now: number): Promise<OneTimeLink> {
  const link = await em.findOne(OneTimeLink, { hash: hashOf(token) }, { refresh: true });
  if (!link) throw new Refusal("NOT_FOUND", "This link is not known, or a newer one took its place: ask for another");
  if (link.expiresAt.getTime() <= now) throw new Refusal("GONE", "This link is too old: ask for another");
  return link;
}

/**
 * For using: a link and whose it is. The lock of their row is the lock of their links, so that whoever makes, uses and
 * voids them goes one after the other, and in one order.
 */
export async function takeLink(
  em: EntityManager,
  token: string,
  now: number,
): Promise<{ link: OneTimeLink; user: User }> {
  const { userId } = await findLink(em, token, now);
  const user = await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
  return { link: await findLink(em, token, now), user };
}

/** Forgets what is over. */
export const sweepLinks = (em: EntityManager, now: number): Promise<number> =>
  em.nativeDelete(OneTimeLink, { expiresAt: { $lt: new Date(now) } });

const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

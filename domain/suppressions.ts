import type { EntityManager } from "@mikro-orm/core";
import { Suppression, type SuppressionReason } from "../schema/entities/suppression.ts";
import type { Channel, Outgoing } from "../schema/wire/letters.ts";

/** What nobody asked for themselves. Everything else is an answer to what a person just did. */
const UNASKED: readonly string[] = ["invitation", "research_update", "pair_ended", "invitation_accepted"];

/** A mailbox that is gone stays so, whatever else is said of it. */
const RANK: Readonly<Record<SuppressionReason, number>> = { unsubscribe: 0, complaint: 1, stop: 2, gone: 3 };

export interface AddressOf {
  readonly channel: Channel;
  /** All that may stand for it; the first is used from now on. */
  readonly addressKeys: readonly string[];
}

/** Whether they want nothing of this kind of us, or it could not arrive. */
export async function isSuppressed(em: EntityManager, { channel, letter }: Outgoing, addressKeys: readonly string[]) {
  const found = (await noted(em, { channel, addressKeys })).filter((one) => !isLifted(one));
  const isDeaf = found.some(({ reason }) => reason === "gone" || reason === "stop");
  return isDeaf || (found.length > 0 && UNASKED.includes(letter.template));
}

/** From then on. Told late, after they wanted to hear of us again, it counts no more. `at`: milliseconds since 1970. */
export async function suppress(em: EntityManager, of: AddressOf, reason: SuppressionReason, at: number): Promise<void> {
  const when = new Date(at);
  const all = await noted(em, of);
  if (all.some(({ liftedAt }) => liftedAt !== null && liftedAt >= when)) return;
  const [known] = all;
  const { channel, addressKeys } = of;
  if (!known) {
    for (const addressKey of addressKeys.slice(0, 1))
      await em.upsert(Suppression, { channel, addressKey, reason, at: when, liftedAt: null });
    return;
  }
  const isGraver = isLifted(known) || RANK[reason] > RANK[known.reason];
  if (isGraver) Object.assign(known, { reason, at: when });
  await em.flush();
}

/** They want to hear of us again. */
export async function lift(em: EntityManager, of: AddressOf, at: number): Promise<void> {
  for (const known of await noted(em, of)) known.liftedAt = new Date(at);
  await em.flush();
}

const noted = (em: EntityManager, { channel, addressKeys }: AddressOf): Promise<Suppression[]> =>
  em.find(Suppression, { channel, addressKey: { $in: [...addressKeys] } }, { refresh: true, orderBy: { at: "desc" } });

const isLifted = ({ at, liftedAt }: Suppression): boolean => liftedAt !== null && liftedAt >= at;

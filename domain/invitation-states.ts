import type { Invitation, InvitationStatus, Sending } from "../schema/entities/invitation.ts";
import type { DeliveryNews } from "./ports.ts";

/** An answer, or that there will be none, comes after everything and nothing after it. */
const RANK: Readonly<Record<InvitationStatus, number>> = {
  pending: 0,
  failed: 1,
  sent: 2,
  delivered: 3,
  accepted: 4,
  declined: 4,
  cancelled: 4,
  expired: 4,
};

export const isForward = (from: InvitationStatus, to: InvitationStatus): boolean => RANK[to] > RANK[from];

/** What is known of a way after one more word of it: late and repeated words take nothing back. */
export function sendingAfter(before: Sending | undefined, news: DeliveryNews): Sending {
  const state = before && !isForward(before.state, news.state) ? before.state : news.state;
  return {
    state,
    attempts: Math.max(before?.attempts ?? 0, news.attempts),
    at: Math.max(before?.at ?? 0, news.at),
  };
}

/** The furthest it came on any of its ways; it has failed when it failed on all of them. */
export function statusOf({ status, sendings }: Pick<Invitation, "status" | "sendings">): InvitationStatus {
  const states = Object.values(sendings).map(({ state }) => state);
  const isLost = states.length > 0 && states.every((state) => state === "failed");
  const known = isLost ? ["failed" as const] : states.filter((state) => state !== "failed");
  return known.reduce<InvitationStatus>((best, state) => (isForward(best, state) ? state : best), status);
}

import type { Invitation, InvitationStatus, Sending } from "../schema/entities/invitation.ts";
import type { DeliveryNews } from "./ports.ts";

/**
 * How far along each is. What a provider took may still come back, so that it failed is later news than that it left;
 * once it is there, or somebody has answered, or nobody can any more, nothing is news.
 */
const RANK = {
  pending: 0,
  sent: 1,
  failed: 2,
  delivered: 3,
  accepted: 4,
  declined: 4,
  cancelled: 4,
  expired: 4,
} as const satisfies Record<InvitationStatus, number>;

const isForward = (from: InvitationStatus, to: InvitationStatus): boolean => RANK[to] > RANK[from];

/** What is known of a sending after one more word of it: late and repeated words take nothing back. */
export function sendingAfter(
  before: Sending | undefined,
  news: Pick<DeliveryNews, "state" | "attempts" | "at">,
): Sending {
  return {
    state: before && !isForward(before.state, news.state) ? before.state : news.state,
    attempts: Math.max(before?.attempts ?? 0, news.attempts),
    at: Math.min(before?.at ?? news.at, news.at),
  };
}

/**
 * As far as the best of its sendings came; it has failed when all of them have. One that had failed and is sent once
 * more has failed until that one is on its way.
 */
export function statusOf({ status, sendings }: Pick<Invitation, "status" | "sendings">): InvitationStatus {
  if (!isForward(status, "delivered")) return status;
  const states = Object.values(sendings).map(({ state }) => state);
  const best = BEST_FIRST.find((state) => states.includes(state));
  return best === undefined || best === "pending" ? status : best;
}

const BEST_FIRST = ["delivered", "sent", "pending", "failed"] as const satisfies readonly InvitationStatus[];

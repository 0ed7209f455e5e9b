import type { InvitationStatus } from "../schema/entities/invitation.ts";
import type { InvitationAnalytics } from "../schema/wire/twins.ts";

const WEEK_MS = 7 * 86_400_000;
const MOST_RECENT = 10;

/** What the figures look at. Times are milliseconds since 1970. */
export interface Counted {
  readonly status: InvitationStatus;
  readonly createdAt: number;
  readonly sentAt: number | null;
  readonly respondedAt: number | null;
}

/** One that nobody answered in time is expired, whether or not somebody has come by to say so. */
export function statusAt(of: { readonly status: InvitationStatus; readonly expiresAt: Date }, now: number) {
  const isOpen = of.status === "pending" || of.status === "failed" || of.status === "sent" || of.status === "delivered";
  return isOpen && of.expiresAt.getTime() <= now ? "expired" : of.status;
}

/**
 * Sent are those that left: sent, delivered, accepted, declined and expired. The rate is of those, in percent with one
 * decimal; the time is from being sent to being answered, in milliseconds, 0 while nobody has answered.
 */
export function figuresOf(all: readonly Counted[]): Omit<InvitationAnalytics, "recentInvitations"> {
  const count = (...statuses: readonly InvitationStatus[]) =>
    all.filter(({ status }) => statuses.includes(status)).length;
  const totalSent = count("sent", "delivered", "accepted", "declined", "expired");
  const totalAccepted = count("accepted");
  const times = all.flatMap(({ status, sentAt, respondedAt }) =>
    (status === "accepted" || status === "declined") && sentAt !== null && respondedAt !== null
      ? [Math.max(0, respondedAt - sentAt)]
      : [],
  );
  return {
    totalSent,
    totalAccepted,
    totalDeclined: count("declined"),
    totalExpired: count("expired"),
    acceptanceRate: totalSent === 0 ? 0 : Math.round((totalAccepted / totalSent) * 1000) / 10,
    averageResponseTime: times.length === 0 ? 0 : Math.round(times.reduce((sum, time) => sum + time, 0) / times.length),
  };
}

/** Of the last seven days, the newest first, ten at most. */
export const recentOf = <Invitation extends Pick<Counted, "createdAt">>(
  newestFirst: readonly Invitation[],
  now: number,
): readonly Invitation[] => newestFirst.filter(({ createdAt }) => createdAt > now - WEEK_MS).slice(0, MOST_RECENT);

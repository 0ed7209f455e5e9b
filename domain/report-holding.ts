import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Report } from "../schema/entities/report.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { ReportId } from "../schema/wire/moderation.ts";
import { Refusal } from "./refusal.ts";

/** Until the transaction ends. Throws NOT_FOUND, also for what joined another: that one is decided, and both with it. */
export async function lockReport(em: EntityManager, id: ReportId): Promise<Report> {
  const report = await em.findOne(Report, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  if (!report || report.joinedId !== null) throw new Refusal("NOT_FOUND", "There is no such report");
  return report;
}

/** Throws CONFLICT for one that was decided, or that somebody else is at. `now` is in milliseconds since 1970. */
export function refuseTaken({ status, heldBy, heldUntil }: Report, userId: UserId, now: number): void {
  if (status === "decided") throw new Refusal("CONFLICT", "This report was decided already");
  if (heldBy !== null && heldBy !== userId && heldUntil !== null && heldUntil.getTime() > now)
    throw new Refusal("CONFLICT", "Somebody else is deciding this report");
}

/** Throws FORBIDDEN for who is one of the two. */
export function refuseConcerned({ reporterId, reportedId }: Report, userId: UserId): void {
  if ([reporterId, reportedId].includes(userId))
    throw new Refusal("FORBIDDEN", "It is about you: somebody else decides it");
}

/** Whether they are at it, and nobody else may be: it is open, and theirs for a while. */
export const isHeldBy = ({ status, heldBy, heldUntil }: Report, userId: UserId, now: number): boolean =>
  status === "open" && heldBy === userId && heldUntil !== null && heldUntil.getTime() > now;

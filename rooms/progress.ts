import type { AssessmentProgress, Person } from "../domain/ports.ts";
import type { Member } from "../schema/state/pair-state.ts";
import type { AssessmentUpdated } from "../schema/wire/room.ts";

export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** What both twins' devices are told of it. */
export const progressNews = ({ userId, assessment: { updatedAt, ...progress } }: Person): AssessmentUpdated => ({
  userId,
  ...progress,
  updatedAt: isoOrNull(updatedAt),
});

export function showProgress(shown: Member["assessment"], of: AssessmentProgress): void {
  shown.sessionId = of.sessionId ?? undefined;
  shown.bankVersion = of.bankVersion ?? undefined;
  shown.answered = of.answered;
  shown.total = of.total;
  shown.status = of.status;
  shown.updatedAt = isoOrNull(of.updatedAt) ?? undefined;
}

export const isSameProgress = (a: AssessmentProgress, b: AssessmentProgress): boolean =>
  a.sessionId === b.sessionId && a.status === b.status && a.answered === b.answered && a.updatedAt === b.updatedAt;

import { z } from "zod";
import { MediaId, PairId, UserId } from "./ids.ts";
import { Listed, nextCursor } from "./lists.ts";
import { written } from "./text.ts";
import { FurtherReport, ReportedMessage, ReportReason } from "./twins.ts";

/** What can be done about a report. */
export const ReportAction = z.enum(["dismiss", "warn", "remove_message", "suspend"]);
export type ReportAction = z.infer<typeof ReportAction>;

export const ReportStatus = z.enum(["open", "decided"]);
export type ReportStatus = z.infer<typeof ReportStatus>;

export const ListReports = Listed.extend({ status: ReportStatus.default("open") });
export type ListReports = z.infer<typeof ListReports>;

export const DecideReport = z.strictObject({ action: ReportAction, note: written(1000) });
export type DecideReport = z.infer<typeof DecideReport>;

export const ReportId = z.uuid().brand("ReportId");
export type ReportId = z.infer<typeof ReportId>;

/** A report as whoever decides it sees it: the two by their ids, and the messages as they were. */
export const ReportCase = z
  .object({
    id: ReportId,
    status: ReportStatus,
    reason: ReportReason,
    details: z.string().nullable(),
    reporterId: UserId,
    reportedId: UserId,
    pairId: PairId,
    /** Null once they are not kept any more. */
    messages: z.array(ReportedMessage).readonly().nullable(),
    /** How often it was reported, and what was said later. */
    times: z.int(),
    further: z.array(FurtherReport).readonly(),
    createdAt: z.iso.datetime(),
    dueAt: z.iso.datetime(),
    /** Until it should be answered; below zero when it is late, zero once it is decided. */
    secondsLeft: z.int(),
    /** Whoever is at it now. */
    heldBy: UserId.nullable(),
    decision: ReportAction.nullable(),
    decidedBy: UserId.nullable(),
    decidedAt: z.iso.datetime().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: "ReportCase" });
export type ReportCase = z.infer<typeof ReportCase>;

/** A picture or recording of a report, and where it is to be had for some minutes by whoever asked, and by nobody else. */
export const ReportedMedia = z.object({
  id: MediaId,
  contentType: z.string(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  durationMs: z.int().nullable(),
  /** Of this server, with their token. */
  url: z.string(),
  expiresAt: z.iso.datetime(),
});
export type ReportedMedia = z.infer<typeof ReportedMedia>;

export const ReportedMediaLink = z.object({
  until: z
    .string()
    .regex(/^\d{1,15}$/, "must be as the link says")
    .transform(Number),
  signature: z.string().max(100),
});

/** What was decided, without a word of what was said. */
export const DecidedReport = z.object({
  id: ReportId,
  status: ReportStatus,
  decision: ReportAction,
  decidedAt: z.iso.datetime(),
});
export type DecidedReport = z.infer<typeof DecidedReport>;

export const ReportPage = z.object({ reports: z.array(ReportCase).readonly(), nextCursor });
export type ReportPage = z.infer<typeof ReportPage>;

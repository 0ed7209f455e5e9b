import { z } from "zod";
import { GivenPassword } from "./accounts.ts";

/** What is done to an account or its data that somebody may want to know of later. Kept as rows: only add to it. */
export const AuditAction = z.enum([
  "password.changed",
  "address.changed",
  "phone.changed",
  /** By another of the person's devices, or by somebody else. */
  "session.ended",
  "person.blocked",
  "person.unblocked",
  "person.reported",
  "export.asked",
  "export.downloaded",
  "deletion.asked",
  "deletion.undone",
  "account.erased",
  /** What it is about says which. */
  "consent.given",
  "consent.withdrawn",
  /** What it is about says which. */
  "study.joined",
  "study.left",
  /** By the twin, with both twins' consent. */
  "results.compared",
  /** By somebody of ours, or to their standing as one. */
  "staff.granted",
  "staff.revoked",
  "staff.enrolled",
  "staff.signed_in",
  "staff.sign_in_failed",
  "staff.signed_out",
  "staff.person_read",
  "staff.report_read",
  /** The report that the subject made. */
  "staff.own_report_read",
  /** A picture or recording in a report: of who was reported, and of who reported. */
  "staff.report_media_seen",
  "staff.own_report_media_seen",
  "staff.report_decided",
  "staff.message_removed",
  "staff.person_warned",
  "staff.person_suspended",
  "staff.person_restored",
  "staff.sessions_ended",
  "staff.verification_resent",
  "staff.export_started",
  "staff.deletion_started",
  "staff.suppression_read",
  "staff.suppression_lifted",
  "staff.room_read",
  "staff.job_retried",
  "staff.release_asked",
  "staff.release_approved",
  "staff.release_read",
  /** By what a store told, or by the clock. */
  "premium.given",
  "premium.ended",
]);
export type AuditAction = z.infer<typeof AuditAction>;

export const ExportId = z.uuid().brand("ExportId");
export type ExportId = z.infer<typeof ExportId>;

/** `pending`: it is being made. `failed`: it could not be; ask for another. `expired`: it is not kept any more. */
export const ExportStatus = z.enum(["pending", "ready", "failed", "expired"]);
export type ExportStatus = z.infer<typeof ExportStatus>;

/** What was asked for. */
export const ExportAsked = z.object({ id: ExportId, status: ExportStatus });
export type ExportAsked = z.infer<typeof ExportAsked>;

export const ExportView = ExportAsked.extend({
  createdAt: z.iso.datetime(),
  readyAt: z.iso.datetime().nullable(),
  /** When it goes, once it is ready. */
  expiresAt: z.iso.datetime().nullable(),
  bytes: z.int().nullable(),
  /** For one download, made anew each time it is asked for. */
  downloadUrl: z.string().nullable(),
  downloadExpiresAt: z.iso.datetime().nullable(),
});
export type ExportView = z.infer<typeof ExportView>;

export const DeleteAccount = z.strictObject({
  password: GivenPassword,
  /** Leaves nothing of one's own words with the twin either. */
  eraseMessages: z.boolean().default(false),
});
export type DeleteAccount = z.infer<typeof DeleteAccount>;

/** Until then the account comes back by signing in. */
export const Leaving = z.object({ message: z.string(), deletionDueAt: z.iso.datetime() });
export type Leaving = z.infer<typeof Leaving>;

import { z } from "zod";
import { MessageType } from "./chat.ts";
import { EmailAddress } from "./email.ts";
import { MediaId, MessageId, PairId, UserId } from "./ids.ts";
import { AccentColor, TwinType, TwinView } from "./people.ts";
import { PhoneNumber } from "./phone.ts";
import { storable, written } from "./text.ts";

/** No letter that looks like a figure, for codes are read aloud and typed. */
export const CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
export const CODE_LENGTH = 8;

export const CodeView = z.object({ code: z.string(), expiresAt: z.iso.datetime() });
export type CodeView = z.infer<typeof CodeView>;

/** As somebody types it: in small letters, in groups, with dashes. */
export const RedeemCode = z.strictObject({
  code: storable(200).refine((code) => code.trim() !== "", "must not be empty"),
});

export const Paired = z.object({ pairId: PairId, twinProfile: TwinView, message: z.string() });
export type Paired = z.infer<typeof Paired>;

export const PairOpened = z.object({ pairId: PairId, twinProfile: TwinView });
export type PairOpened = z.infer<typeof PairOpened>;

export const PairView = z
  .object({
    id: PairId,
    status: z.enum(["open", "closed"]),
    pairedAt: z.iso.datetime(),
    unpairedAt: z.iso.datetime().nullable(),
    twin: TwinView,
    syncScore: z.int(),
    totalMessages: z.int(),
    /** When the newest message was sent. */
    lastInteraction: z.iso.datetime().nullable(),
  })
  .meta({ id: "Pair" });
export type PairView = z.infer<typeof PairView>;

export const InvitationId = z.uuid().brand("InvitationId");
export type InvitationId = z.infer<typeof InvitationId>;

/** Of an invitation's link: 32 random bytes. Anything else, we never made, and it is not there. */
export const InvitationToken = storable(200).transform((token) => token.trim().toUpperCase());

export const InvitationStatus = z.enum([
  "pending",
  "failed",
  "sent",
  "delivered",
  "accepted",
  "declined",
  "cancelled",
  "expired",
]);

/** By mail, by text message, or both; and only where it can go. */
export const Invite = z
  .strictObject({
    email: EmailAddress.nullish(),
    phone: PhoneNumber.nullish(),
    method: z.enum(["email", "sms", "both"]),
  })
  .refine(({ email, method }) => method === "sms" || email, { path: ["email"], error: "is required with this method" })
  .refine(({ phone, method }) => method === "email" || phone, {
    path: ["phone"],
    error: "is required with this method",
  });
export type Invite = z.infer<typeof Invite>;

/** Whom an invitation goes to, and the token of its link: kept sealed. */
export const InvitationContact = z.object({
  token: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
});
export type InvitationContact = z.infer<typeof InvitationContact>;

/** An invitation, to who made it. Whom it went to is told until it is forgotten. */
export const InvitationView = z
  .object({
    id: InvitationId,
    inviterName: z.string(),
    recipientEmail: z.string().nullable(),
    recipientPhone: z.string().nullable(),
    /** 64 upper-case hex digits. */
    token: z.string().nullable(),
    code: z.string(),
    status: InvitationStatus,
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    twinType: TwinType.nullable(),
    accentColor: AccentColor,
    deepLink: z.string().nullable(),
    attemptCount: z.int(),
    lastAttemptAt: z.iso.datetime().nullable(),
  })
  .meta({ id: "Invitation" });
export type InvitationView = z.infer<typeof InvitationView>;

/** What becomes of one's invitations. */
export const InvitationAnalytics = z.object({
  totalSent: z.int(),
  totalAccepted: z.int(),
  totalDeclined: z.int(),
  totalExpired: z.int(),
  /** In percent, with one decimal. */
  acceptanceRate: z.number(),
  /** From being sent to being answered, in milliseconds. */
  averageResponseTime: z.int(),
  recentInvitations: z.array(InvitationView).readonly(),
});
export type InvitationAnalytics = z.infer<typeof InvitationAnalytics>;

/** What anybody may see who has the link. */
export const InvitationPreview = z.object({
  inviterName: z.string(),
  accentColor: AccentColor,
  twinType: TwinType.nullable(),
  code: z.string(),
  status: InvitationStatus,
  expiresAt: z.iso.datetime(),
});
export type InvitationPreview = z.infer<typeof InvitationPreview>;

export const InvitationUpdated = z.object({ id: InvitationId, status: InvitationStatus });
export type InvitationUpdated = z.infer<typeof InvitationUpdated>;

/** Whom: without a word, the present twin. */
export const BlockPerson = z.strictObject({ userId: UserId.optional() });
export type BlockPerson = z.infer<typeof BlockPerson>;

export const BlockView = z.object({ userId: UserId, name: z.string(), createdAt: z.iso.datetime() });
export type BlockView = z.infer<typeof BlockView>;

export const ReportReason = z.enum(["harassment", "spam", "threat", "sexual", "self_harm", "underage", "other"]);
export type ReportReason = z.infer<typeof ReportReason>;

/** More than that is told better in words. */
const MOST_REPORTED = 50;

/** About the present twin, or with `pairId` about an earlier one. */
export const FileReport = z.strictObject({
  reason: ReportReason,
  details: written(2000).nullish(),
  messageIds: z.array(MessageId).max(MOST_REPORTED, `must be at most ${MOST_REPORTED}`).default([]),
  pairId: PairId.optional(),
});
export type FileReport = z.infer<typeof FileReport>;

export const ReportView = z.object({ id: z.uuid(), status: z.enum(["open", "decided"]) });
export type ReportView = z.infer<typeof ReportView>;

/** A message as it was when somebody reported it. */
export const ReportedMessage = z.object({
  id: MessageId,
  seq: z.int(),
  senderId: UserId,
  type: MessageType,
  text: z.string().nullable(),
  /** Its picture or recording. What was reported before these were shown does not say. */
  mediaId: MediaId.nullable().default(null),
  isEncrypted: z.boolean(),
  sentAt: z.iso.datetime(),
  editedAt: z.iso.datetime().nullable(),
  deletedAt: z.iso.datetime().nullable(),
});
export type ReportedMessage = z.infer<typeof ReportedMessage>;

/** Said of the same, by the same person, when it was open already. */
export const FurtherReport = z.object({
  at: z.iso.datetime(),
  reason: ReportReason,
  details: z.string().nullable(),
});
export type FurtherReport = z.infer<typeof FurtherReport>;

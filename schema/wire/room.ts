import { z } from "zod";
import { AssessmentId } from "./assessments.ts";
import { AnyMessageView } from "./chat.ts";
import { PairId, UserId } from "./ids.ts";
import { storable, writtenLine } from "./text.ts";

/** What a device says of itself when it takes a seat. Everything but its own name is optional, so that a bare join works. */
export const JoinOptions = z.object({
  deviceId: storable(100)
    .refine((id) => id !== "", "must not be empty")
    .nullish(),
  deviceName: writtenLine(100).nullish(),
  pairId: PairId.nullish(),
  /** The newest change the device has; without it, it gets the window. */
  afterVersion: z.union([z.int().min(0), z.stringFormat("digits", /^\d{1,15}$/).transform(Number)]).nullish(),
  /** The line of history `afterVersion` belongs to. */
  history: storable(100).nullish(),
});
export type JoinOptions = z.infer<typeof JoinOptions>;

export const ChatWindow = z.object({
  messages: z.array(AnyMessageView).readonly(),
  version: z.int(),
  history: z.string(),
  firstSeq: z.int(),
  readSeq: z.int(),
  hasMore: z.boolean(),
});
export type ChatWindow = z.infer<typeof ChatWindow>;

export const ChatResume = z.object({
  from: z.int(),
  /** Where the events that follow this end; with `hasMore` the device syncs on from there. */
  to: z.int(),
  hasMore: z.boolean(),
  history: z.string(),
  readSeq: z.int(),
  reset: z.literal(true).optional(),
});
export type ChatResume = z.infer<typeof ChatResume>;

export const ChatMessage = z.object({ version: z.int(), message: AnyMessageView });
export type ChatMessage = z.infer<typeof ChatMessage>;

export const ChatReceipt = z.object({ userId: UserId, deliveredSeq: z.int(), readSeq: z.int() });
export type ChatReceipt = z.infer<typeof ChatReceipt>;

export const PairClosed = z.object({ reason: z.enum(["unpaired", "blocked", "deleted"]) });
export type PairClosed = z.infer<typeof PairClosed>;

/** Somebody's words are gone from the history of that pair; whoever keeps a copy of it syncs. */
export const HistoryErased = z.object({ pairId: PairId, userId: UserId, upToSeq: z.int() });
export type HistoryErased = z.infer<typeof HistoryErased>;

/** Everything before that is gone, for both. */
export const HistoryTrimmed = z.object({ firstSeq: z.int() });
export type HistoryTrimmed = z.infer<typeof HistoryTrimmed>;

/** How far one of the two is with the questions; nobody is told what was answered. */
export const AssessmentUpdated = z.object({
  userId: UserId,
  sessionId: AssessmentId.nullable(),
  bankVersion: z.string().nullable(),
  answered: z.int(),
  total: z.int(),
  status: z.enum(["none", "in_progress", "completed"]),
  updatedAt: z.iso.datetime().nullable(),
});
export type AssessmentUpdated = z.infer<typeof AssessmentUpdated>;

export const SessionExpiring = z.object({ at: z.iso.datetime() });
export const ServerDraining = z.object({ reconnectAfterMs: z.int() });

export const RefreshAuth = z.strictObject({ accessToken: z.string().max(4096) });
export const ClockSync = z.strictObject({ t0: z.number() });
export const Typing = z.strictObject({ on: z.boolean(), kind: z.enum(["text", "voice"]).optional() });
export const SetPresence = z.strictObject({ status: z.enum(["online", "away"]) });

export const PresenceStatus = z.enum(["online", "away", "offline", "unknown"]);
export type PresenceStatus = z.infer<typeof PresenceStatus>;

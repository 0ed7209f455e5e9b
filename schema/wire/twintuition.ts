import { z } from "zod";
import { CommandKey } from "./chat.ts";
import { MessageId, PairId, UserId } from "./ids.ts";
import { nextCursor } from "./lists.ts";
import { written, writtenLine } from "./text.ts";

export const AlertId = z.uuid().brand<"AlertId">();
export type AlertId = z.infer<typeof AlertId>;

export const PressId = z.uuid().brand<"PressId">();
export type PressId = z.infer<typeof PressId>;

export const MomentId = z.uuid().brand<"MomentId">();
export type MomentId = z.infer<typeof MomentId>;

export const AlertKind = z.enum([
  "thinking_of_you",
  "need_support",
  "sharing_joy",
  "feeling_sync",
  "random_check_in",
  "feeling",
  "thought",
  "action",
]);
export type AlertKind = z.infer<typeof AlertKind>;

export const SendAlert = z.strictObject({
  kind: AlertKind,
  text: written(200).optional(),
  intensity: z.int().min(1).max(10).optional(),
});
export type SendAlert = z.infer<typeof SendAlert>;

/** A word has no space in it, of whatever kind, and nothing that shows as one. */
const SPACES = /[\s\p{Z}\u200b\u2060\u2800\u3164]/u;

export const Feeling = writtenLine(40).refine((word) => !SPACES.test(word), "must be one word");

/** No clock shows more. */
const LAST_MS = 8.64e15;

/** As the device's own clock shows it: milliseconds since 1970, as in `clock.sync`, or an ISO time. */
const DeviceTime = z.union([
  z.number().min(-LAST_MS).max(LAST_MS),
  z.iso.datetime({ offset: true }).transform((time) => Date.parse(time)),
]);

export const Press = z.strictObject({ pressedAt: DeviceTime.optional(), feeling: Feeling.optional() });
export type Press = z.infer<typeof Press>;

/** Seen again, it stays seen. */
export const SeeAlert = z.strictObject({ alertId: AlertId, pairId: PairId.optional() });

export const MomentType = z.enum(["sync", "intuition", "connection"]);
export type MomentType = z.infer<typeof MomentType>;

/** By what it was noticed: two presses, two alerts, or the words of a message. */
export const MomentAlgorithm = z.enum(["press", "alerts", "words"]);
export type MomentAlgorithm = z.infer<typeof MomentAlgorithm>;

/** A day of the pair's own clock. */
export const PairDay = z.iso.date();

const FeelingView = z.object({ userId: UserId, feeling: z.string() });

export const MomentView = z
  .object({
    id: MomentId,
    type: MomentType,
    algorithm: MomentAlgorithm,
    at: z.iso.datetime(),
    day: PairDay,
    /** 0 to 1. */
    confidence: z.number(),
    /** How far apart the two were, right within `uncertaintyMs` either way; null where there was only one. */
    dtMs: z.int().nullable(),
    uncertaintyMs: z.int().nullable(),
    windowMs: z.int().nullable(),
    /** What was sealed until now. */
    feelings: z.array(FeelingView).readonly(),
    /** Null unless both said one. */
    sameFeeling: z.boolean().nullable(),
    /** Whose words it was noticed by. */
    messageId: MessageId.nullable(),
    /** Empty once that message was changed or taken back. */
    matchedPhrases: z.array(z.string()).readonly(),
    alertIds: z.array(AlertId).readonly(),
  })
  .meta({ id: "Moment" });
export type MomentView = z.infer<typeof MomentView>;

export const AlertView = z
  .object({
    id: AlertId,
    senderId: UserId,
    kind: AlertKind,
    text: z.string().nullable(),
    intensity: z.int().nullable(),
    sentAt: z.iso.datetime(),
    /** By whom it was sent to. */
    seen: z.boolean(),
    seenAt: z.iso.datetime().nullable(),
  })
  .meta({ id: "Alert" });
export type AlertView = z.infer<typeof AlertView>;

/** The answer to an alert, the same for ever; and the moment, if one has come of it. */
export const AlertSent = z.object({ id: AlertId, sentAt: z.iso.datetime(), moment: MomentView.optional() });
export type AlertSent = z.infer<typeof AlertSent>;

export const Pressed = z.object({
  id: PressId,
  /** When it was pressed, by the server's clock … */
  at: z.iso.datetime(),
  /** … right within this, either way. */
  uncertaintyMs: z.int(),
  moment: MomentView.optional(),
});
export type Pressed = z.infer<typeof Pressed>;

export const AlertEvent = z.object({ version: z.int(), alert: AlertView });
export const MomentEvent = z.object({ version: z.int(), moment: MomentView });

/** Over HTTP a command bears its key in its body, or beside it. */
const keys = { key: CommandKey.optional(), pairId: PairId.optional() };
export const PostAlert = SendAlert.extend(keys);
export const PostPress = Press.extend(keys);
export const OneAlert = z.object({ id: z.string() });
export const SeenBody = z.strictObject(keys);

export const AlertsPage = z.object({
  alerts: z.array(AlertView).readonly(),
  /** Those of the twin that were not seen yet. */
  unseen: z.int(),
  nextCursor,
});
export const MomentsPage = z.object({ moments: z.array(MomentView).readonly(), nextCursor });

/** What chance alone would have made of as many presses; see docs/twintuition.md. */
export const ChanceView = z.object({
  /** Of the last so many days. */
  days: z.int(),
  windowSeconds: z.int(),
  /** Moments of two presses. */
  observed: z.int(),
  expected: z.number(),
  /** Where chance would keep it in 95 of 100 cases. */
  interval: z.object({ low: z.int(), high: z.int() }),
  beyondChance: z.boolean(),
});
export type ChanceView = z.infer<typeof ChanceView>;

export const TwintuitionStats = z
  .object({
    today: z.int(),
    total: z.int(),
    /** Days in a row. */
    longestRun: z.int(),
    currentRun: z.int(),
    /** 0 to 100. */
    syncScore: z.int(),
    /** The day it is by the pair's clock. */
    day: PairDay,
    chance: ChanceView,
  })
  .meta({ id: "TwintuitionStats" });
export type TwintuitionStats = z.infer<typeof TwintuitionStats>;

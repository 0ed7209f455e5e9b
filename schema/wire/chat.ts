import { z } from "zod";
import { isEmoji } from "./emoji.ts";
import { MediaId, MessageId, PairId, UserId } from "./ids.ts";
import { MessageMedia } from "./media.ts";
import { isOpaque, type Opaque } from "./opaque.ts";
import { storable, written, writtenLine } from "./text.ts";

/** Longest text of a message, in code points after trimming. */
export const TEXT_LENGTH = 2000;

/** The client's own id of a command: the same key from the same person has one effect for ever. */
export const CommandKey = storable(64).refine((key) => key !== "", "must not be empty");

/** What every durable command bears beside its own fields. */
export const CommandEnvelope = z.looseObject({ key: CommandKey, pairId: PairId.optional() });

export const MessageType = z.enum(["text", "image", "voice", "emoji", "location"]);
export type MessageType = z.infer<typeof MessageType>;

export const Location = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  label: writtenLine(200).optional(),
});
export type Location = z.infer<typeof Location>;

export const Encrypted = z
  .custom<Opaque>(isOpaque, "must be a string or an object of at most 8 KiB")
  .meta({ description: "Of at most 8 KiB; given back as it came", override: { type: ["string", "object"] } });

/** What each type must bring, and what it may not. */
const SendFields = z.strictObject({
  type: MessageType.default("text"),
  text: written(TEXT_LENGTH).optional(),
  encrypted: Encrypted.optional(),
  mediaId: MediaId.optional(),
  location: Location.optional(),
  replyTo: MessageId.optional(),
});
export const SendMessage = SendFields.superRefine(({ type, text, encrypted, mediaId, location }, context) => {
  const need = (holds: boolean, path: string, message: string) => {
    if (!holds) context.addIssue({ code: "custom", path: [path], message });
  };
  const isMedia = type === "image" || type === "voice";
  need(!(text !== undefined && encrypted !== undefined), "encrypted", "cannot come together with text");
  need(isMedia === (mediaId !== undefined), "mediaId", isMedia ? "is required" : `does not go with ${type}`);
  if (type === "location") need((location ?? encrypted) !== undefined, "location", "is required");
  else need(location === undefined, "location", `does not go with ${type}`);
  if (type === "text" || type === "emoji") need((text ?? encrypted) !== undefined, "text", "is required");
});
export type SendMessage = z.infer<typeof SendMessage>;

export const EditMessage = z.strictObject({ messageId: MessageId, text: written(TEXT_LENGTH) });
export const DeleteMessage = z.strictObject({ messageId: MessageId, for: z.enum(["everyone", "me"]) });
/** By whoever decides a report: no device can ask for it. */
export const RemoveMessage = z.strictObject({ messageId: MessageId });
export const ReactToMessage = z.strictObject({
  messageId: MessageId,
  emoji: z.string().refine(isEmoji, "must be one emoji"),
  on: z.boolean(),
});
export const PinMessage = z.strictObject({ messageId: MessageId, on: z.boolean() });

/** A seq. Beyond the newest it counts as the newest. */
export const Mark = z.strictObject({ upTo: z.int().min(0), pairId: PairId.optional() });

export const ReadHistory = z
  .strictObject({
    beforeSeq: z.int().min(0).optional(),
    afterSeq: z.int().min(0).optional(),
    aroundSeq: z.int().min(0).optional(),
    limit: z.int().min(1).max(100).default(50),
    pairId: PairId.optional(),
  })
  .refine(
    ({ beforeSeq, afterSeq, aroundSeq }) =>
      [beforeSeq, afterSeq, aroundSeq].filter((seq) => seq !== undefined).length <= 1,
    "takes one of beforeSeq, afterSeq and aroundSeq",
  );
export type ReadHistory = z.infer<typeof ReadHistory>;

export const Sync = z.strictObject({
  afterVersion: z.int().min(0),
  limit: z.int().min(1).max(200).default(200),
  pairId: PairId.optional(),
  /** The line of history `afterVersion` belongs to; another one than ours is answered with `reset`. */
  history: storable(100).optional(),
});
export type Sync = z.infer<typeof Sync>;

export const Search = z.strictObject({
  q: written(200),
  limit: z.int().min(1).max(100).default(50),
  cursor: storable(400).optional(),
  pairId: PairId.optional(),
});
export type Search = z.infer<typeof Search>;

export const Reaction = z.object({ emoji: z.string(), userId: UserId, at: z.iso.datetime() });
export type Reaction = z.infer<typeof Reaction>;

/** A message as one person may see it. */
export const MessageView = z.object({
  id: MessageId,
  seq: z.int(),
  version: z.int(),
  key: z.string(),
  senderId: UserId,
  senderName: z.string(),
  type: MessageType,
  text: z.string().nullable(),
  encrypted: Encrypted.nullable(),
  media: MessageMedia.nullable(),
  location: Location.nullable(),
  replyTo: MessageId.nullable(),
  reactions: z.array(Reaction).readonly(),
  pinned: z.boolean(),
  sentAt: z.iso.datetime(),
  editedAt: z.iso.datetime().nullable(),
  deletedAt: z.iso.datetime().nullable(),
  isDelivered: z.boolean(),
  isRead: z.boolean(),
  accentColor: z.string(),
});
export type MessageView = z.infer<typeof MessageView>;

/** What is left, for the person who hid it: its place, so that no gap shows. */
export const HiddenView = z.object({ id: MessageId, seq: z.int(), version: z.int(), hidden: z.literal(true) });
export type HiddenView = z.infer<typeof HiddenView>;

export const AnyMessageView = z.union([HiddenView, MessageView]);
export type AnyMessageView = z.infer<typeof AnyMessageView>;

/** The answer to a send; the same one for ever to whoever asks again. */
export const Sent = z.object({
  id: MessageId,
  seq: z.int(),
  version: z.int(),
  sentAt: z.iso.datetime(),
  duplicate: z.boolean(),
});
export type Sent = z.infer<typeof Sent>;

export const HistoryPage = z.object({ messages: z.array(AnyMessageView).readonly(), hasMore: z.boolean() });
export type HistoryPage = z.infer<typeof HistoryPage>;

export const SyncPage = z.object({
  messages: z.array(AnyMessageView).readonly(),
  /** Where this page ends. */
  version: z.int(),
  history: z.string(),
  hasMore: z.boolean(),
  /** What the device has is of another history: it throws it away and reloads. */
  reset: z.literal(true).optional(),
});
export type SyncPage = z.infer<typeof SyncPage>;

export const SearchPage = z.object({
  /** `highlight`: where the words stand, as [start, end) in UTF-16 units of `message.text`. */
  hits: z.array(z.object({ message: MessageView, highlight: z.string() })).readonly(),
  nextCursor: z.string().nullable(),
});
export type SearchPage = z.infer<typeof SearchPage>;

import { z } from "zod";
import { AnyMessageView, CommandKey, MessageView, Reaction } from "./chat.ts";
import { MessageId, PairId } from "./ids.ts";
import { storable, written } from "./text.ts";

/** In a query everything is a word. */
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .refine((n) => n >= least && n <= most, `must be from ${least} to ${most}`);

const limit = whole(1, 100).default(50);

/** A seq, or a time. */
const SeqOrTime = z.union([whole(0, Number.MAX_SAFE_INTEGER), z.iso.datetime({ offset: true })], {
  error: "must be a seq or a time like 2026-01-31T12:00:00.000Z",
});

const pairId = PairId.optional();

export const ListMessages = z
  .object({
    limit,
    before: SeqOrTime.optional(),
    after: SeqOrTime.optional(),
    cursor: z
      .string()
      .regex(/^(?:older|newer)-\d{1,15}$/, "must be a cursor we gave")
      .optional(),
    /** For older clients: 1 is the newest. */
    page: whole(1, 1_000_000).optional(),
    pairId,
  })
  .refine(
    ({ before, after, cursor, page }) => [before, after, cursor, page].filter((one) => one !== undefined).length <= 1,
    "takes one of before, after, cursor and page",
  );
export type ListMessages = z.infer<typeof ListMessages>;

export const MessagesPage = z.object({
  messages: z.array(AnyMessageView).readonly(),
  pagination: z.object({
    page: z.int(),
    limit: z.int(),
    total: z.int(),
    totalPages: z.int(),
    hasNext: z.boolean(),
    hasPrev: z.boolean(),
  }),
  nextCursor: z.string().nullable(),
});
export type MessagesPage = z.infer<typeof MessagesPage>;

/** What the room reads itself, by its own schema, and what only this door has. */
export const PostMessage = z.looseObject({
  clientMessageId: CommandKey.optional(),
  key: CommandKey.optional(),
  pairId,
  imageUrl: storable(2000).optional(),
});
export type PostMessage = z.infer<typeof PostMessage>;

export const MessageReply = z.object({ message: AnyMessageView });

export const OneMessage = z.object({ id: MessageId });
export const OfPair = z.object({ pairId });

export const PatchMessage = z.strictObject({ text: written(2000), pairId, key: CommandKey.optional() });

export const DeleteMessageQuery = z.object({ for: z.enum(["everyone", "me"]).default("everyone"), pairId });

export const AddReaction = z.strictObject({ emoji: storable(64), pairId, key: CommandKey.optional() });
export const ReactionReply = z.object({ reaction: Reaction });
export const OneReaction = z.object({ id: MessageId, emoji: storable(64) });

export const BulkRead = z.strictObject({ messageIds: z.array(MessageId).min(1).max(100), pairId });
export const ReadReply = z.object({ readSeq: z.int() });
export const BulkReadReply = z.object({ updatedCount: z.int(), readSeq: z.int() });

export const SearchMessages = z.object({ q: written(200), limit, cursor: storable(400).optional(), pairId });
export const SearchReply = z.object({
  hits: z.array(z.object({ message: MessageView, highlight: z.string() })).readonly(),
  nextCursor: z.string().nullable(),
});

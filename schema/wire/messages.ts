import { z } from "zod";
import { AnyMessageView, CommandKey, Reaction, SearchPage, TEXT_LENGTH } from "./chat.ts";
import { PairId } from "./ids.ts";
import { storable, written } from "./text.ts";

/** In a query everything is a word. */
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .refine((n) => n >= least && n <= most, `must be from ${least} to ${most}`);

const limit = whole(1, 100).default(50);

/** The plus of an offset that nobody encoded arrives as a space. */
const Time = z
  .string()
  .transform((time) => time.replace(" ", "+"))
  .pipe(z.iso.datetime({ offset: true }));

/** A seq, or a time. */
const SeqOrTime = z.union([whole(0, Number.MAX_SAFE_INTEGER), Time], {
  error: "must be a seq or a time like 2026-01-31T12:00:00.000Z",
});

/** Ids are compared as words, and a word has one spelling. */
const pairId = z.string().toLowerCase().pipe(PairId).optional();
const messageId = z.string().toLowerCase().pipe(z.uuid());

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

/** Any id may be asked for; one that is no message's is one that is not there. */
export const OneMessage = z.object({ id: messageId });
export const OfPair = z.object({ pairId });

/** What any command may bring: its own key, and the pair it was meant for. */
const command = { key: CommandKey.optional(), clientMessageId: CommandKey.optional(), pairId };

export const Command = z.strictObject(command);
export const PatchMessage = z.strictObject({ ...command, text: written(TEXT_LENGTH) });

const whom = z.enum(["everyone", "me"]);
export const DeleteMessageQuery = z.object({ for: whom.default("everyone"), pairId });
export const DeleteMessageBody = z.strictObject({ ...command, for: whom.optional() });

export const AddReaction = z.strictObject({ ...command, emoji: storable(64) });
export const ReactionReply = z.object({ reaction: Reaction });
export const OneReaction = OneMessage.extend({ emoji: storable(64) });

export const BulkRead = z.strictObject({ ...command, messageIds: z.array(messageId).max(100) });
export const ReadReply = z.object({ readSeq: z.int() });
export const BulkReadReply = ReadReply.extend({ updatedCount: z.int() });

/** How far history has come with it. */
export const Changed = z.object({ version: z.int() });

export const SearchMessages = z.object({ q: written(200), limit, cursor: storable(400).optional(), pairId });
export const SearchReply = SearchPage;

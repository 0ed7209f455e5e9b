import { z } from "zod";
import type { Pairing } from "../../domain/pairing.ts";
import type { Chance, Clock, History, PairDoor, Receipt, Twin } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { AnyMessageView } from "../../schema/wire/chat.ts";
import { isSameEmoji } from "../../schema/wire/emoji.ts";
import { MessageId, type PairId, type UserId } from "../../schema/wire/ids.ts";
import {
  AddReaction,
  BulkRead,
  BulkReadReply,
  DeleteMessageQuery,
  ListMessages,
  MessageReply,
  MessagesPage,
  OfPair,
  OneMessage,
  OneReaction,
  PatchMessage,
  PostMessage,
  ReactionReply,
  ReadReply,
  SearchMessages,
  SearchReply,
} from "../../schema/wire/messages.ts";
import { Answer, nothing, type Route, route, Streamed } from "../route.ts";
import { exportOf, pageOf } from "./message-pages.ts";

export interface MessageRoutesDeps {
  readonly door: PairDoor;
  readonly history: History;
  readonly pairing: Pick<Pairing, "activePair" | "isMember">;
  readonly chance: Pick<Chance, "newId">;
  readonly clock: Clock;
}

const done = z.object({ version: z.int() });

/** Messages without a socket: the same room, the same rules, the same keys; the twin's devices hear them all the same. */
export function messageRoutes({ door, history, pairing, chance, clock }: MessageRoutesDeps): readonly Route[] {
  const keyOf = (given: string | undefined) => given ?? chance.newId(clock.now());

  /** The pair that is asked for, as it is or as it was; without a word, the caller's own. */
  async function twinOf(userId: UserId, asked: PairId | undefined): Promise<Twin> {
    const pairId = asked ?? (await pairing.activePair(userId));
    if (pairId === null) throw new Refusal("NOT_PAIRED", "You have no twin here yet");
    if (asked && !(await pairing.isMember(asked, userId))) throw new Refusal("NOT_FOUND", "There is no such pair");
    return { userId, pairId };
  }

  /** What is written for a pair that is over reaches nobody, least of all the next twin. */
  async function activeTwinOf(userId: UserId, meant: PairId | undefined): Promise<Twin> {
    const pairId = await pairing.activePair(userId);
    if (meant !== undefined && meant !== pairId) throw new Refusal("GONE", "This was written for another twin");
    if (pairId === null) throw new Refusal("NOT_PAIRED", "You have no twin here yet");
    return { userId, pairId };
  }

  async function messageOf(twin: Twin, id: string): Promise<AnyMessageView> {
    const [message] = await history.messages(twin, [MessageId.parse(id)]);
    if (!message) throw new Refusal("NOT_FOUND", "There is no such message");
    return message;
  }

  async function read(twin: Twin, ids: readonly MessageId[]) {
    const messages = await history.messages(twin, ids);
    if (messages.length === 0) throw new Refusal("NOT_FOUND", "There is no such message");
    const readSeq = await door.mark(twin, "read", Math.max(...messages.map(({ seq }) => seq)));
    const isNews = (message: AnyMessageView) =>
      !("hidden" in message) && message.senderId !== twin.userId && !message.isRead;
    return { readSeq, updatedCount: messages.filter(isNews).length };
  }

  const react = async (twin: Twin, messageId: MessageId, emoji: string, on: boolean, key: string): Promise<Receipt> =>
    door.execute(twin, "chat.react", { key, messageId, emoji, on });

  return [
    route(
      {
        method: "get",
        path: "/messages",
        summary: "A page of history",
        asks: z.object({ query: ListMessages }),
        reply: MessagesPage,
      },
      async ({ caller, query }) => pageOf(history, await twinOf(caller.userId, query.pairId), query),
    ),
    route(
      {
        method: "post",
        path: "/messages",
        summary: "Send a message",
        asks: z.object({ body: PostMessage }),
        reply: MessageReply,
        status: 201,
        repeats: "command",
      },
      async ({ caller, body: { clientMessageId, key, pairId, imageUrl, ...said }, idempotencyKey }) => {
        if (imageUrl !== undefined) throw new Refusal("NOT_FOUND", "There is no such media");
        const twin = await activeTwinOf(caller.userId, pairId);
        const sent = await door.execute(twin, "chat.send", {
          ...said,
          key: keyOf(clientMessageId ?? key ?? idempotencyKey),
        });
        return new Answer({ message: await messageOf(twin, sent.id) }, { status: sent.duplicate ? 200 : 201 });
      },
    ),
    route(
      {
        method: "get",
        path: "/messages/search",
        summary: "Find words",
        asks: z.object({ query: SearchMessages }),
        reply: SearchReply,
      },
      async ({ caller, query: { pairId, ...query } }) => history.search(await twinOf(caller.userId, pairId), query),
    ),
    route(
      {
        method: "get",
        path: "/messages/export",
        summary: "All of history, as one JSON document",
        asks: z.object({ query: OfPair }),
        reply: nothing,
      },
      async ({ caller, query }) => {
        const twin = await twinOf(caller.userId, query.pairId);
        const name = `attachment; filename="twinship-${twin.pairId}.json"`;
        return new Streamed(exportOf(history, twin), { "Content-Disposition": name });
      },
    ),
    route(
      {
        method: "post",
        path: "/messages/bulk-read",
        summary: "Mark messages, and all before them, as read",
        asks: z.object({ body: BulkRead }),
        reply: BulkReadReply,
        repeats: "command",
      },
      async ({ caller, body }) => read(await activeTwinOf(caller.userId, body.pairId), body.messageIds),
    ),
    route(
      {
        method: "patch",
        path: "/messages/:id",
        summary: "Edit one's own text within a day",
        asks: z.object({ params: OneMessage, body: PatchMessage }),
        reply: MessageReply,
        repeats: "command",
      },
      async ({ caller, params, body: { text, pairId, key }, idempotencyKey }) => {
        const twin = await activeTwinOf(caller.userId, pairId);
        await door.execute(twin, "chat.edit", { key: keyOf(key ?? idempotencyKey), messageId: params.id, text });
        return { message: await messageOf(twin, params.id) };
      },
    ),
    route(
      {
        method: "delete",
        path: "/messages/:id",
        summary: "Take a message back, or hide it",
        asks: z.object({ params: OneMessage, query: DeleteMessageQuery }),
        reply: done,
        repeats: "command",
      },
      async ({ caller, params, query, idempotencyKey }) => {
        const twin = await twinOf(caller.userId, query.pairId);
        const payload = { key: keyOf(idempotencyKey), messageId: params.id, for: query.for };
        return { version: (await door.execute(twin, "chat.delete", payload)).version };
      },
    ),
    route(
      {
        method: "post",
        path: "/messages/:id/reactions",
        summary: "React with an emoji",
        asks: z.object({ params: OneMessage, body: AddReaction }),
        reply: ReactionReply,
        status: 201,
        repeats: "command",
      },
      async ({ caller, params, body: { emoji, pairId, key }, idempotencyKey }) => {
        const twin = await activeTwinOf(caller.userId, pairId);
        const { at } = await react(twin, params.id, emoji, true, keyOf(key ?? idempotencyKey));
        const message = await messageOf(twin, params.id);
        const own =
          "hidden" in message
            ? undefined
            : message.reactions.find((one) => one.userId === twin.userId && isSameEmoji(one.emoji, emoji));
        return { reaction: own ?? { emoji, userId: twin.userId, at: new Date(at).toISOString() } };
      },
    ),
    route(
      {
        method: "delete",
        path: "/messages/:id/reactions/:emoji",
        summary: "Take a reaction off",
        asks: z.object({ params: OneReaction, query: OfPair }),
        reply: done,
        repeats: "command",
      },
      async ({ caller, params, query, idempotencyKey }) => {
        const twin = await activeTwinOf(caller.userId, query.pairId);
        return { version: (await react(twin, params.id, params.emoji, false, keyOf(idempotencyKey))).version };
      },
    ),
    route(
      {
        method: "post",
        path: "/messages/:id/read",
        summary: "Mark a message, and all before it, as read",
        asks: z.object({ params: OneMessage }),
        reply: ReadReply,
        repeats: "command",
      },
      async ({ caller, params }) => read(await activeTwinOf(caller.userId, undefined), [params.id]),
    ),
  ];
}

import { z } from "zod";
import type { Pairing } from "../../domain/pairing.ts";
import type { Chance, Clock, History, PairDoor, Twin } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { AnyMessageView } from "../../schema/wire/chat.ts";
import { isSameEmoji } from "../../schema/wire/emoji.ts";
import { MessageId } from "../../schema/wire/ids.ts";
import {
  AddReaction,
  BulkRead,
  BulkReadReply,
  Changed,
  Command,
  DeleteMessageBody,
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
import { imageOf } from "./image-links.ts";
import { exportOf, pageOf } from "./message-pages.ts";
import { whosePair } from "./whose-pair.ts";

export interface MessageRoutesDeps {
  readonly door: PairDoor;
  readonly history: History;
  readonly pairing: Pick<Pairing, "activePair" | "isMember">;
  readonly chance: Pick<Chance, "newId">;
  readonly clock: Clock;
  readonly publicUrl: string;
}

/** Messages without a socket: the same room, the same rules, the same keys; the twin's devices hear them all the same. */
export function messageRoutes(deps: MessageRoutesDeps): readonly Route[] {
  return [...readingRoutes(deps), ...writingRoutes(deps), ...reactionRoutes(deps), ...markRoutes(deps)];
}

function readingRoutes({ history, pairing, clock }: MessageRoutesDeps): readonly Route[] {
  const { twinOf } = whosePair(pairing);
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
        const pieces = await exportOf(history, twin, new Date(clock.now()).toISOString());
        return new Streamed(pieces, { "Content-Disposition": name });
      },
    ),
  ];
}

function writingRoutes({ door, history, pairing, publicUrl, ...deps }: MessageRoutesDeps): readonly Route[] {
  const { twinOf, activeTwinOf } = whosePair(pairing);
  const keyOf = keysOf(deps);
  return [
    route(
      {
        method: "post",
        path: "/messages",
        summary: "Send a message; 200 when it was there before",
        asks: z.object({ body: PostMessage }),
        reply: MessageReply,
        status: 201,
        repeats: "command",
      },
      async ({ caller, body: { clientMessageId, key, pairId, imageUrl, ...said }, idempotencyKey }) => {
        const image = imageUrl === undefined ? {} : imageOf(imageUrl, said, publicUrl);
        const twin = await activeTwinOf(caller.userId, pairId);
        const payload = { ...said, ...image, key: keyOf({ clientMessageId, key }, idempotencyKey) };
        const { id, seq, version, duplicate } = await door.execute(twin, "chat.send", payload);
        const [message] = await history.messages(twin, [MessageId.parse(id)]);
        // A repeat may come after its message was trimmed: what is left is its place.
        const place = { id: MessageId.parse(id), seq: seq ?? 0, version, hidden: true } as const;
        return new Answer({ message: message ?? place }, { status: duplicate ? 200 : 201 });
      },
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
      async ({ caller, params, body: { text, pairId, ...keys }, idempotencyKey }) => {
        const messageId = messageIdOf(params.id);
        const twin = await activeTwinOf(caller.userId, pairId);
        await door.execute(twin, "chat.edit", { key: keyOf(keys, idempotencyKey), messageId, text });
        return { message: await messageOf(history, twin, messageId) };
      },
    ),
    route(
      {
        method: "delete",
        path: "/messages/:id",
        summary: "Take a message back, or hide it; also from a pair that is over",
        asks: z.object({ params: OneMessage, query: DeleteMessageQuery, body: DeleteMessageBody }),
        reply: Changed,
        repeats: "command",
      },
      async ({ caller, params, query, body: { pairId, for: whom, ...keys }, idempotencyKey }) => {
        const messageId = messageIdOf(params.id);
        const twin = await twinOf(caller.userId, pairId ?? query.pairId);
        const payload = { key: keyOf(keys, idempotencyKey), messageId, for: whom ?? query.for };
        return { version: (await door.execute(twin, "chat.delete", payload)).version };
      },
    ),
  ];
}

function reactionRoutes({ door, history, pairing, ...deps }: MessageRoutesDeps): readonly Route[] {
  const { activeTwinOf } = whosePair(pairing);
  const keyOf = keysOf(deps);
  return [
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
      async ({ caller, params, body: { emoji, pairId, ...keys }, idempotencyKey }) => {
        const messageId = messageIdOf(params.id);
        const twin = await activeTwinOf(caller.userId, pairId);
        const payload = { key: keyOf(keys, idempotencyKey), messageId, emoji, on: true };
        const { at } = await door.execute(twin, "chat.react", payload);
        const message = await messageOf(history, twin, messageId);
        const reactions = "hidden" in message ? [] : message.reactions;
        const own = reactions.find((one) => one.userId === twin.userId && isSameEmoji(one.emoji, emoji));
        return { reaction: own ?? { emoji, userId: twin.userId, at: new Date(at).toISOString() } };
      },
    ),
    route(
      {
        method: "delete",
        path: "/messages/:id/reactions/:emoji",
        summary: "Take a reaction off",
        asks: z.object({ params: OneReaction, query: OfPair, body: Command }),
        reply: Changed,
        repeats: "command",
      },
      async ({ caller, params: { id, emoji }, query, body: { pairId, ...keys }, idempotencyKey }) => {
        const messageId = messageIdOf(id);
        const twin = await activeTwinOf(caller.userId, pairId ?? query.pairId);
        const payload = { key: keyOf(keys, idempotencyKey), messageId, emoji, on: false };
        return { version: (await door.execute(twin, "chat.react", payload)).version };
      },
    ),
  ];
}

/** Marks need no key: doing it twice is doing it once. */
function markRoutes({ door, history, pairing }: MessageRoutesDeps): readonly Route[] {
  const { activeTwinOf } = whosePair(pairing);

  /** A mark stands at one message, so all before it count as read too; counted are those that were asked for. */
  async function read(twin: Twin, ids: readonly string[]) {
    const messages = await history.messages(twin, ids.flatMap(knownIdOf));
    if (messages.length === 0 && ids.length > 0) throw noMessage();
    const before = await door.mark(twin, "read", 0);
    const readSeq = await door.mark(twin, "read", Math.max(0, ...messages.map(({ seq }) => seq)));
    const isNews = (message: AnyMessageView) =>
      message.seq > before && !("hidden" in message) && message.senderId !== twin.userId;
    return { readSeq, updatedCount: messages.filter(isNews).length };
  }

  return [
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
        method: "post",
        path: "/messages/:id/read",
        summary: "Mark a message, and all before it, as read",
        asks: z.object({ params: OneMessage, body: Command }),
        reply: ReadReply,
        repeats: "command",
      },
      async ({ caller, params, body }) => read(await activeTwinOf(caller.userId, body.pairId), [params.id]),
    ),
  ];
}

type Keys = Pick<z.output<typeof Command>, "key" | "clientMessageId">;

/** The body's own key, else the header's, else one that nobody will repeat. */
export function keysOf({ chance, clock }: Pick<MessageRoutesDeps, "chance" | "clock">) {
  return ({ clientMessageId, key }: Keys, header: string | undefined): string =>
    clientMessageId ?? key ?? header ?? chance.newId(clock.now());
}

const noMessage = () => new Refusal("NOT_FOUND", "There is no such message");

const knownIdOf = (id: string): MessageId[] => {
  const known = MessageId.safeParse(id);
  return known.success ? [known.data] : [];
};

function messageIdOf(id: string): MessageId {
  const [known] = knownIdOf(id);
  if (!known) throw noMessage();
  return known;
}

async function messageOf(history: History, twin: Twin, id: MessageId): Promise<AnyMessageView> {
  const [message] = await history.messages(twin, [id]);
  if (!message) throw noMessage();
  return message;
}

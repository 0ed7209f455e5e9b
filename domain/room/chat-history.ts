import type { MessageType } from "../../schema/wire/chat.ts";
import { isSameEmoji } from "../../schema/wire/emoji.ts";
import type { MessageId, UserId } from "../../schema/wire/ids.ts";
import { type Body, hideOf, type Message, type MessageReaction, noBody, timeOf } from "./message.ts";

/** Enough to open the app with. */
export const WINDOW_MESSAGES = 50;

/** Older messages somebody is busy with: edits and replies come in runs. */
const LOOKED_UP_MESSAGES = 16;

/** The newest messages, whole, and a few older ones that were asked for. */
export interface Chat {
  readonly recent: readonly Message[];
  readonly lookedUp: readonly Message[];
  /** When the newest message was sent: every later one is later. */
  readonly lastAt: number;
}

export interface About {
  readonly id: MessageId;
  readonly at: number;
  readonly salt: string | null;
}

export type ChatEvent = About &
  (
    | {
        readonly type: "chat.message_sent";
        readonly sender: UserId;
        readonly key: string;
        readonly kind: MessageType;
        readonly body: Body;
        readonly replyTo: MessageId | null;
      }
    | { readonly type: "chat.message_edited"; readonly text: string }
    | { readonly type: "chat.message_deleted" }
    | { readonly type: "chat.message_hidden"; readonly by: UserId }
    | { readonly type: "chat.reaction_changed"; readonly by: UserId; readonly emoji: string; readonly on: boolean }
    | { readonly type: "chat.pin_changed"; readonly on: boolean }
    | { readonly type: "chat.nothing_changed" }
    | { readonly type: "chat.message_found"; readonly message: Message }
  );

/** What an event does to the counts a device sees: a new message, a change that a twin may see, or neither. */
export const chatReach = {
  "chat.message_sent": "numbered",
  "chat.message_edited": "shared",
  "chat.message_deleted": "shared",
  "chat.message_hidden": "shared",
  "chat.reaction_changed": "shared",
  "chat.pin_changed": "shared",
  "chat.nothing_changed": "private",
  "chat.message_found": "shared",
} as const satisfies Record<ChatEvent["type"], "numbered" | "shared" | "private">;

/** Whether a row is about a message. */
export const isChatType = (type: string): boolean => type in chatReach;

/** A row that left no message for anybody to see: it changed nothing, or was about something else. */
export const isPrivate = (type: string): boolean => type === "chat.nothing_changed" || !isChatType(type);

export function openChat(recent: readonly Message[], lastId: string | null): Chat {
  return { recent, lookedUp: [], lastAt: lastId === null ? 0 : timeOf(lastId) };
}

type Place = { readonly seq: number | null; readonly version: number };

export function evolveChat(chat: Chat, event: ChatEvent, place: Place): Chat {
  const revise = (change: (message: Message) => Partial<Message>): Chat => revised(chat, event.id, change);
  const { version } = place;
  switch (event.type) {
    case "chat.message_sent":
      return added(chat, messageOf(event, place));
    case "chat.message_edited":
      return revise(() => ({ version, text: event.text, editedAt: event.at }));
    case "chat.message_deleted":
      return revise(() => ({ ...noBody, version, salt: null, reactions: [], pinned: false, deletedAt: event.at }));
    case "chat.message_hidden":
      return revise((message) => hidden(message, event.by, version));
    case "chat.reaction_changed":
      return revise(({ reactions }) => ({ version, reactions: reacted(reactions, event) }));
    case "chat.pin_changed":
      return revise(() => ({ version, pinned: event.on }));
    case "chat.nothing_changed":
      return chat;
    case "chat.message_found":
      return found(chat, event.message);
  }
}

/** A row of history as it is read again: what it left, not what it said. */
export interface WrittenRow {
  readonly type: string;
  readonly by: UserId;
  readonly at: number;
  /** As it stands now, after all rows. */
  readonly message: Message;
}

/**
 * What rows say when they are read again: the journal keeps no words, only whose message it left how. Of several rows
 * about one message the first tells how it stands now, and the others have no more to tell.
 */
export function readBack(rows: readonly WrittenRow[]): ChatEvent[] {
  const told = new Set<MessageId>();
  return rows.map(({ type, by, at, message }) => {
    const about = { id: message.id, at, salt: message.salt };
    if (type === "chat.message_hidden") return { type, ...about, by };
    if (type === "chat.nothing_changed" || told.has(message.id)) return { type: "chat.nothing_changed", ...about };
    told.add(message.id);
    return { type: "chat.message_found", ...about, message };
  });
}

/** Takes in older messages that were asked for; of those the longest known go. */
export function learnMessages(chat: Chat, messages: readonly Message[]): Chat {
  const oldest = chat.recent[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = messages.filter(({ seq }) => seq < oldest);
  return { ...chat, lookedUp: [...chat.lookedUp, ...older].slice(-LOOKED_UP_MESSAGES) };
}

export function findMessage(chat: Chat, id: string): Message | undefined {
  const isIt = (message: Message) => message.id === id;
  return chat.recent.findLast(isIt) ?? chat.lookedUp.findLast(isIt);
}

function added(chat: Chat, message: Message): Chat {
  return { ...chat, recent: [...chat.recent.slice(1 - WINDOW_MESSAGES), message], lastAt: message.sentAt };
}

function revised(chat: Chat, id: MessageId, change: (message: Message) => Partial<Message>): Chat {
  const revise = (message: Message): Message => (message.id === id ? { ...message, ...change(message) } : message);
  return { ...chat, recent: chat.recent.map(revise), lookedUp: chat.lookedUp.map(revise) };
}

function found(chat: Chat, message: Message): Chat {
  if (message.sentAt <= chat.lastAt) return revised(chat, message.id, () => message);
  return added(chat, message);
}

function hidden(message: Message, by: UserId, version: number): Partial<Message> {
  return hideOf(message, by) ? {} : { hides: [...message.hides, { userId: by, version }] };
}

function reacted(
  reactions: readonly MessageReaction[],
  { emoji, by: userId, at, on }: ChatEvent & { type: "chat.reaction_changed" },
): MessageReaction[] {
  const others = reactions.filter((one) => one.userId !== userId || !isSameEmoji(one.emoji, emoji));
  return on ? [...others, { emoji, userId, at }] : others;
}

function messageOf(event: ChatEvent & { type: "chat.message_sent" }, { seq, version }: Place): Message {
  const { id, key, sender, kind, body, replyTo, at, salt } = event;
  const untouched = { reactions: [], hides: [], pinned: false, editedAt: null, deletedAt: null };
  return {
    id,
    seq: seq ?? 0,
    version,
    key,
    senderId: sender,
    type: kind,
    ...body,
    replyTo,
    sentAt: at,
    salt,
    ...untouched,
  };
}

import type { HiddenView, MessageView } from "../../../schema/wire/chat.ts";
import { MessageId, UserId } from "../../../schema/wire/ids.ts";

export const ada = UserId.parse("00000000-0000-4000-8000-000000000001");
export const bea = UserId.parse("00000000-0000-4000-8000-000000000002");
export const PAIR = "00000000-0000-4000-8000-000000001001";
export const OTHER_PAIR = "00000000-0000-4000-8000-000000001002";

/** The id of the message with that seq. */
export const idOf = (seq: number) => MessageId.parse(`019b7700-0000-7000-8000-${String(seq).padStart(12, "0")}`);

const sentAt = (seq: number) => new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString();

/** A message of Bea's, unless told otherwise. */
export function message(seq: number, fields: Partial<MessageView> = {}): MessageView {
  return {
    id: idOf(seq),
    seq,
    version: seq,
    key: `key-${seq}`,
    senderId: bea,
    senderName: "Bea",
    type: "text",
    text: `words ${seq}`,
    encrypted: null,
    media: null,
    location: null,
    replyTo: null,
    reactions: [],
    pinned: false,
    sentAt: sentAt(seq),
    editedAt: null,
    deletedAt: null,
    isDelivered: false,
    isRead: false,
    accentColor: "neon-purple",
    ...fields,
  };
}

export const hidden = (seq: number, version = seq): HiddenView => ({ id: idOf(seq), seq, version, hidden: true });

export const messages = (from: number, to: number): MessageView[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index));

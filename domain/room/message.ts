import type { AnyMessageView, Location, MessageType, MessageView } from "../../schema/wire/chat.ts";
import type { MediaId, MessageId, UserId } from "../../schema/wire/ids.ts";
import type { MediaFacts } from "../../schema/wire/media.ts";
import type { Opaque } from "../../schema/wire/opaque.ts";
import type { Marks } from "./marks.ts";

/** That a person deleted a message for themselves, and the version at which their own devices learn of it. */
export interface Hide {
  readonly userId: UserId;
  readonly version: number;
}

/** Times are milliseconds since 1970. */
export interface MessageReaction {
  readonly emoji: string;
  readonly userId: UserId;
  readonly at: number;
}

/** What a message says. All of it is null once it is deleted for everyone. */
export interface Body {
  readonly text: string | null;
  readonly encrypted: Opaque | null;
  readonly mediaId: MediaId | null;
  /** What is to be known of it before it is there. */
  readonly media?: MediaFacts | null;
  readonly location: Location | null;
}

export const noBody: Body = { text: null, encrypted: null, mediaId: null, media: null, location: null };

export interface Message extends Body {
  readonly id: MessageId;
  readonly seq: number;
  readonly version: number;
  readonly key: string;
  readonly senderId: UserId;
  readonly type: MessageType;
  readonly replyTo: MessageId | null;
  readonly reactions: readonly MessageReaction[];
  readonly hides: readonly Hide[];
  readonly pinned: boolean;
  readonly sentAt: number;
  readonly editedAt: number | null;
  readonly deletedAt: number | null;
  /** Goes with the words: without it the journal's hash of them says nothing. */
  readonly salt: string | null;
}

/** Whose eyes a message is shown to, and what they may know of the two. */
export interface Eyes {
  readonly reader: UserId;
  personOf(userId: UserId): { readonly name: string; readonly accentColor: string };
  /** Of whoever did not send it. */
  marksOfTwinOf(senderId: UserId): Marks;
}

export function hideOf({ hides }: Message, userId: UserId): Hide | undefined {
  return hides.find((hide) => hide.userId === userId);
}

/** A message hidden by this person keeps its place, so that seq stays dense for them. */
export function viewFor(eyes: Eyes, message: Message): AnyMessageView {
  const { id, seq, version } = message;
  const hide = hideOf(message, eyes.reader);
  if (hide) return { id, seq, version: Math.max(version, hide.version), hidden: true };
  return shown(eyes, message);
}

function shown(eyes: Eyes, message: Message): MessageView {
  const { hides: _hides, salt: _salt, mediaId, media, reactions, sentAt, editedAt, deletedAt, ...rest } = message;
  const { name: senderName, accentColor } = eyes.personOf(message.senderId);
  const { deliveredSeq, readSeq, shownReadSeq } = eyes.marksOfTwinOf(message.senderId);
  const isSender = eyes.reader === message.senderId;
  return {
    ...rest,
    senderName,
    accentColor,
    media: mediaId === null ? null : { id: mediaId, ...media },
    reactions: reactions.map(({ emoji, userId, at }) => ({ emoji, userId, at: iso(at) })),
    sentAt: iso(sentAt),
    editedAt: isoOrNull(editedAt),
    deletedAt: isoOrNull(deletedAt),
    isDelivered: message.seq <= deliveredSeq,
    isRead: message.seq <= (isSender ? shownReadSeq : readSeq),
  };
}

/** The millisecond a UUIDv7 was made from. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

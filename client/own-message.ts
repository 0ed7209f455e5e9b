import type { Location, MessageView, Sent } from "../schema/wire/chat.ts";
import type { MediaId, MessageId, UserId } from "../schema/wire/ids.ts";
import type { Opaque } from "../schema/wire/opaque.ts";

/** What a person says: the fields of chat.send that go with the type, and no others. */
export interface Said {
  readonly type?: "text" | "image" | "voice" | "emoji" | "location" | undefined;
  readonly text?: string | undefined;
  readonly encrypted?: Opaque | undefined;
  readonly mediaId?: MediaId | undefined;
  readonly location?: Location | undefined;
  readonly replyTo?: MessageId | undefined;
}

export interface Speaker {
  readonly userId: UserId;
  readonly name: string;
  readonly accentColor: string;
}

/** Words as the server will store them, so that what is shown before the answer is what is shown after it. */
export function asStored({ type = "text", text, location, ...rest }: Said): Said {
  const said: Said = {
    type,
    ...rest,
    ...(text !== undefined && { text: text.trim() }),
    ...(location && { location: placeAsStored(location) }),
  };
  // A field that is there without a value is a field nobody knows.
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function placeAsStored({ label, ...place }: Location): Location {
  return label === undefined ? place : { ...place, label: label.trim() };
}

/** The message that an answer stands for: the server tells everybody but the one who sent it. */
export function ownMessage(said: Said, key: string, { id, seq, version, sentAt }: Sent, speaker: Speaker): MessageView {
  const { type = "text", text = null, encrypted = null, mediaId, location = null, replyTo = null } = said;
  const { userId: senderId, name: senderName, accentColor } = speaker;
  const media = mediaId === undefined ? null : { id: mediaId };
  return {
    ...{ id, seq, version, key, senderId, senderName, accentColor, sentAt },
    ...{ type, text, encrypted, media, location, replyTo },
    reactions: [],
    pinned: false,
    editedAt: null,
    deletedAt: null,
    isDelivered: false,
    isRead: false,
  };
}

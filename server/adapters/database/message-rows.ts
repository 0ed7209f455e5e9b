import { hash } from "node:crypto";
import { z } from "zod";
import type { Hide, Message, MessageReaction } from "../../../domain/room/message.ts";
import { termsOf } from "../../../domain/room/words.ts";
import { Location, MessageType } from "../../../schema/wire/chat.ts";
import { MediaId, MessageId, UserId } from "../../../schema/wire/ids.ts";
import { MediaFacts } from "../../../schema/wire/media.ts";
import { isOpaque, type Opaque } from "../../../schema/wire/opaque.ts";

/** A row of `messages`, as the driver gives it. */
export interface MessageRow {
  readonly id: string;
  readonly seq: number;
  readonly version: number;
  readonly sender_id: string;
  readonly key: string;
  readonly type: string;
  readonly text: string | null;
  readonly encrypted: string | null;
  readonly media_id: string | null;
  readonly media: unknown;
  readonly location: unknown;
  readonly reply_to: string | null;
  readonly reactions: readonly MessageReaction[];
  readonly hides: readonly Hide[];
  readonly pinned: boolean;
  readonly salt: string | null;
  readonly sent_at: Date;
  readonly edited_at: Date | null;
  readonly deleted_at: Date | null;
}

/** All but the terms, which nobody reads. */
export const MESSAGE_COLUMNS = `id, seq, version, sender_id, key, type, text, encrypted, media_id, location, reply_to,
  reactions, hides, pinned, salt, sent_at, edited_at, deleted_at,
  case when media_id is not null then (select jsonb_build_object('contentType', d.content_type, 'bytes', d.bytes,
    'width', d.width, 'height', d.height, 'durationMs', d.duration_ms, 'waveform', d.waveform,
    'placeholder', d.placeholder) from media d where d.id = media_id) end as media`;

export function messageOf(row: MessageRow): Message {
  return {
    id: MessageId.parse(row.id),
    seq: row.seq,
    version: row.version,
    key: row.key,
    senderId: UserId.parse(row.sender_id),
    type: MessageType.parse(row.type),
    text: row.text,
    encrypted: row.encrypted === null ? null : opaque(row.encrypted),
    mediaId: row.media_id === null ? null : MediaId.parse(row.media_id),
    media: row.media ? MediaFacts.parse(row.media) : null,
    location: row.location === null ? null : Location.parse(row.location),
    replyTo: row.reply_to === null ? null : MessageId.parse(row.reply_to),
    reactions: row.reactions,
    hides: row.hides,
    pinned: row.pinned,
    salt: row.salt,
    sentAt: row.sent_at.getTime(),
    editedAt: row.edited_at?.getTime() ?? null,
    deletedAt: row.deleted_at?.getTime() ?? null,
  };
}

/** The values of one message for the append, in its column order. */
export function messageValues(pairId: string, message: Message): readonly unknown[] {
  const { id, seq, version, senderId, key, type, text, mediaId, replyTo, pinned, salt } = message;
  const encrypted = message.encrypted === null ? null : JSON.stringify(message.encrypted);
  const location = message.location === null ? null : JSON.stringify(message.location);
  const grown = [JSON.stringify(message.reactions), JSON.stringify(message.hides), pinned, salt];
  const terms = text === null ? null : `{${[...termsOf(text)].map((term) => termHash(pairId, term)).join()}}`;
  const times = [iso(message.sentAt), isoOrNull(message.editedAt), isoOrNull(message.deletedAt)];
  const said = [type, text, encrypted, mediaId, location, replyTo];
  return [pairId, id, seq, version, senderId, key, ...said, ...grown, terms, ...times];
}

/** Bounds on ids let the planner leave out every month but theirs. */
export function bounds(ids: readonly string[]): { first: string; last: string } {
  const sorted = ids.toSorted();
  return { first: sorted[0] ?? "", last: sorted.at(-1) ?? "" };
}

/** The first id there can be of that millisecond: a UUIDv7 begins with it. */
export function idFrom(moment: number): string {
  const hex = moment.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/**
 * A word as one pair's messages are found by it: 64 bits of a hash over both, as a signed number. A collision costs a
 * look at one message too many, for the text itself has the last word.
 */
export function termHash(pairId: string, term: string): string {
  return hash("sha256", `${pairId}/${term}`, "buffer").readBigInt64BE().toString();
}

function opaque(json: string): Opaque {
  return z.custom<Opaque>(isOpaque).parse(JSON.parse(json));
}

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

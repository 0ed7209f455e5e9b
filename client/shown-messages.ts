import type { AnyMessageView, MessageView, Reaction } from "../schema/wire/chat.ts";
import type { MessageId } from "../schema/wire/ids.ts";
import type { Tick } from "./members.ts";
import type { Command, Queued } from "./outbox.ts";
import type { Speaker } from "./own-message.ts";

/** A message as it is to be drawn: with what this device has asked for and nobody has answered yet. */
export interface ShownMessage extends Omit<MessageView, "id" | "isDelivered" | "isRead"> {
  /** Of one that was not answered yet: its key. */
  readonly id: string;
  /** To answer it by; undefined as long as it has no place in history. */
  readonly messageId: MessageId | undefined;
  readonly isMine: boolean;
  /** `waiting`: it is still in the outbox, or a change of it is. Undefined for the twin's, as long as nothing waits. */
  readonly tick: Tick | "waiting" | undefined;
  /** What is asked for and not answered yet, oldest first; its keys take it back. */
  readonly waiting: readonly Queued[];
}

export interface Showing {
  readonly me: Speaker;
  readonly pairId: string | undefined;
  readonly messages: readonly AnyMessageView[];
  readonly pending: readonly Queued[];
  readonly tickOf: (message: MessageView) => Tick;
}

/**
 * Remembers what it made of each message, so that one that did not change stays the same object, and is not drawn
 * again. One for each room.
 */
export class ShownMessages {
  #made = new Map<string, Made>();

  /** In the order of history; what waits comes last, in the order in which it was asked for. */
  of({ me, pairId, messages, pending, tickOf }: Showing): readonly ShownMessage[] {
    const before = this.#made;
    this.#made = new Map();
    const asked = pending.filter((queued) => queued.pairId === pairId);
    const whole = messages.filter(isWhole);
    const said = new Set(whole.map(({ key, senderId }) => (senderId === me.userId ? key : "")));
    const changes = changesByMessage(asked.filter(isChange));
    const shown = whole.map((message) => {
      const waiting = changes.get(message.id) ?? NONE;
      const tick = tickFor(message, waiting, me, tickOf);
      const sign = `${tick} ${waiting.map(({ key }) => key).join()}`;
      return this.#kept(before, message.id, message, sign, () => asShown(message, tick, waiting, me));
    });
    const unsent = asked.filter(isSend).filter(({ key }) => !said.has(key));
    return [
      ...shown.filter(isThere),
      ...unsent.map((queued) => this.#kept(before, queued.key, queued, "", () => unsentAsShown(queued, me))),
    ];
  }

  #kept(
    before: ReadonlyMap<string, Made>,
    id: string,
    source: object,
    sign: string,
    make: () => ShownMessage,
  ): ShownMessage {
    const known = before.get(id);
    const made = known && known.source === source && known.sign === sign ? known : { source, sign, shown: make() };
    this.#made.set(id, made);
    return made.shown;
  }
}

interface Made {
  readonly source: object;
  readonly sign: string;
  readonly shown: ShownMessage;
}

type Unsent = Queued & Extract<Command, { readonly name: "chat.send" }>;
type Change = Queued & Exclude<Command, { readonly name: "chat.send" }>;

const isWhole = (message: AnyMessageView): message is MessageView => !("hidden" in message);
const isSend = (queued: Queued): queued is Unsent => queued.name === "chat.send";
const isChange = (queued: Queued): queued is Change => queued.name !== "chat.send";

const NONE: readonly Change[] = [];

function changesByMessage(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const byMessage = new Map<string, readonly Change[]>();
  for (const change of changes) {
    const { messageId } = change.payload;
    byMessage.set(messageId, [...(byMessage.get(messageId) ?? []), change]);
  }
  return byMessage;
}

function tickFor(
  message: MessageView,
  waiting: readonly Change[],
  me: Speaker,
  tickOf: Showing["tickOf"],
): ShownMessage["tick"] {
  if (waiting.length > 0) return "waiting";
  return message.senderId === me.userId ? tickOf(message) : undefined;
}

function asShown(
  { isDelivered: _, isRead: __, ...message }: MessageView,
  tick: ShownMessage["tick"],
  waiting: readonly Change[],
  me: Speaker,
): ShownMessage {
  const stored: ShownMessage = {
    ...message,
    messageId: message.id,
    isMine: message.senderId === me.userId,
    tick,
    waiting,
  };
  return waiting.reduce((so, command) => changedBy(so, command, me), stored);
}

function unsentAsShown(queued: Unsent, { userId: senderId, name: senderName, accentColor }: Speaker): ShownMessage {
  const { type = "text", text = null, encrypted = null, mediaId, location = null, replyTo = null } = queued.payload;
  return {
    messageId: undefined,
    ...{ id: queued.key, key: queued.key, seq: 0, version: 0, sentAt: new Date(queued.at).toISOString() },
    ...{ senderId, senderName, accentColor, type, text, encrypted, location, replyTo },
    media: mediaId === undefined ? null : { id: mediaId },
    ...{ reactions: [], pinned: false, editedAt: null, deletedAt: null },
    ...{ isMine: true, tick: "waiting", waiting: [queued] },
  };
}

/** What is about to be gone for this person is not shown any more. */
const isThere = ({ waiting }: ShownMessage): boolean =>
  !waiting.some((queued) => queued.name === "chat.delete" && queued.payload.for === "me");

/** As it will be once that is done. */
function changedBy(message: ShownMessage, command: Change, me: Speaker): ShownMessage {
  switch (command.name) {
    case "chat.edit":
      return { ...message, text: command.payload.text, editedAt: new Date(command.at).toISOString() };
    case "chat.delete":
      return command.payload.for === "me"
        ? message
        : { ...message, ...ERASED, deletedAt: new Date(command.at).toISOString() };
    case "chat.pin":
      return { ...message, pinned: command.payload.on };
    case "chat.react":
      return { ...message, reactions: reactionsAfter(message.reactions, command.payload, command.at, me) };
  }
}

const ERASED = { text: null, encrypted: null, media: null, location: null, reactions: [], pinned: false };

function reactionsAfter(
  reactions: readonly Reaction[],
  { emoji, on }: { readonly emoji: string; readonly on: boolean },
  at: number,
  { userId }: Speaker,
): readonly Reaction[] {
  const others = reactions.filter((one) => one.userId !== userId || one.emoji !== emoji);
  return on ? [...others, { emoji, userId, at: new Date(at).toISOString() }] : others;
}

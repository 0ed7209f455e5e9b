import {
  DeleteMessage,
  EditMessage,
  PinMessage,
  ReactToMessage,
  RemoveMessage,
  SendMessage,
} from "../../schema/wire/chat.ts";
import { isSameEmoji } from "../../schema/wire/emoji.ts";
import { MessageId } from "../../schema/wire/ids.ts";
import { Refusal } from "../refusal.ts";
import { type About, type Chat, type ChatEvent, findMessage } from "./chat-history.ts";
import { command, type Decision, type Moment } from "./feature.ts";
import { bearable } from "./media.ts";
import { hideOf, type Message } from "./message.ts";

const EDITABLE_MS = 24 * 60 * 60 * 1000;

/**
 * Every message of a pair gets a millisecond of its own, so ids rise within the pair whatever node or clock made them.
 * A reply names what it answers and quotes nothing, so one to a message just taken back gives nothing away.
 */
const send = command(SendMessage, {
  needs: ({ replyTo }) => (replyTo ? [replyTo] : []),
  bears: ({ mediaId }) => mediaId,
  decide: (chat: Chat, { type, replyTo = null, ...said }, moment): Decision<ChatEvent> => {
    const { actor, key, now, newId, newSalt } = moment;
    if (replyTo) known(chat, replyTo);
    const { mediaId = null } = said;
    const media = mediaId === null ? null : bearable(type, moment.media);
    const at = Math.max(now, chat.lastAt + 1);
    const { text = null, encrypted = null, location = null } = said;
    const body = { text, encrypted, mediaId, media, location };
    const about = { id: MessageId.parse(newId(at)), at, salt: newSalt() };
    return [{ type: "chat.message_sent", ...about, sender: actor, key, kind: type, body, replyTo }];
  },
});

const edit = command(EditMessage, {
  needs: ({ messageId }) => [messageId],
  decide: (chat: Chat, { messageId, text }, moment): Decision<ChatEvent> => {
    const message = standing(chat, messageId);
    if (message.senderId !== moment.actor) throw new Refusal("FORBIDDEN", "Only its sender can edit a message");
    if (message.text === null) throw new Refusal("VALIDATION_ERROR", "This message has no text that could be edited");
    if (moment.now > message.sentAt + EDITABLE_MS) throw new Refusal("GONE", "A message can be edited for 24 hours");

    if (message.text === text) return nothing(chat, message, moment);
    return [{ type: "chat.message_edited", ...about(chat, message, moment), text }];
  },
});

/** Once the pair has ended, each may still hide for themselves and take back their own. */
const remove = command(DeleteMessage, {
  needs: ({ messageId }) => [messageId],
  afterTheEnd: true,
  decide: (chat: Chat, { messageId, for: whom }, moment): Decision<ChatEvent> =>
    whom === "me" ? hide(chat, messageId, moment) : takeBack(chat, messageId, moment),
});

function hide(chat: Chat, messageId: MessageId, moment: Moment): Decision<ChatEvent> {
  const message = known(chat, messageId);
  if (hideOf(message, moment.actor)) return nothing(chat, message, moment);
  return [{ type: "chat.message_hidden", ...about(chat, message, moment), by: moment.actor }];
}

function takeBack(chat: Chat, messageId: MessageId, moment: Moment): Decision<ChatEvent> {
  const message = known(chat, messageId);
  if (message.senderId !== moment.actor) throw new Refusal("FORBIDDEN", "Only its sender can delete it for everyone");
  if (message.deletedAt !== null) return nothing(chat, message, moment);
  return [{ type: "chat.message_deleted", ...about(chat, message, moment) }];
}

/** Whoever sent it, and whatever became of the pair: what nobody may say is not left to stand. */
const takeDown = command(RemoveMessage, {
  needs: ({ messageId }) => [messageId],
  afterTheEnd: true,
  decide: (chat: Chat, { messageId }, moment): Decision<ChatEvent> => {
    const message = known(chat, messageId);
    if (message.deletedAt !== null) return nothing(chat, message, moment);
    return [{ type: "chat.message_deleted", ...about(chat, message, moment) }];
  },
});

/** One of each emoji a person: saying again what already holds changes nothing. */
const react = command(ReactToMessage, {
  needs: ({ messageId }) => [messageId],
  decide: (chat: Chat, { messageId, emoji, on }, moment): Decision<ChatEvent> => {
    const message = known(chat, messageId);
    const { actor: by } = moment;
    const has = message.reactions.some((one) => one.userId === by && isSameEmoji(one.emoji, emoji));
    if (has === on) return nothing(chat, message, moment);
    return [{ type: "chat.reaction_changed", ...about(chat, standing(chat, messageId), moment), by, emoji, on }];
  },
});

const pin = command(PinMessage, {
  needs: ({ messageId }) => [messageId],
  decide: (chat: Chat, { messageId, on }, moment): Decision<ChatEvent> => {
    const message = known(chat, messageId);
    if (message.pinned === on) return nothing(chat, message, moment);
    return [{ type: "chat.pin_changed", ...about(chat, standing(chat, messageId), moment), on }];
  },
});

export const chatCommands = {
  "chat.send": send,
  "chat.edit": edit,
  "chat.delete": remove,
  "chat.react": react,
  "chat.pin": pin,
};

/** Never a device's: they come by the door alone, from who decides reports. */
export const moderationCommands = { "chat.remove": takeDown };

function known(chat: Chat, id: MessageId): Message {
  const message = findMessage(chat, id);
  if (!message) throw new Refusal("NOT_FOUND", "There is no such message");
  return message;
}

function standing(chat: Chat, id: MessageId): Message {
  const message = known(chat, id);
  if (message.deletedAt !== null) throw new Refusal("GONE", "This message was deleted");
  return message;
}

function nothing(chat: Chat, message: Message, moment: Moment): Decision<ChatEvent> {
  return [{ type: "chat.nothing_changed", ...about(chat, message, moment) }];
}

/** A pair's time never runs backwards, whatever its nodes' clocks do. */
function about({ lastAt }: Chat, { id, salt }: Message, { now }: Moment): About {
  return { id, salt, at: Math.max(now, lastAt) };
}

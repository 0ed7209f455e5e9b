import { CommandEnvelope } from "../../schema/wire/chat.ts";
import type { MessageId, UserId } from "../../schema/wire/ids.ts";
import type { Chance, Clock, Twin } from "../ports.ts";
import { parse, Refusal } from "../refusal.ts";
import { chatCommands } from "./chat.ts";
import {
  type Chat,
  type ChatEvent,
  chatReach,
  evolveChat,
  findMessage,
  learnMessages,
  openChat,
} from "./chat-history.ts";
import type { Command, Decision, Wish } from "./feature.ts";
import { fingerprint } from "./fingerprint.ts";
import type { OfferedMedia } from "./media.ts";
import type { Message } from "./message.ts";

/** What a room remembers and what can happen in it: a new feature adds its slice and its events here … */
export interface RoomState {
  /** The pair has ended: nothing may be added. */
  readonly isClosed: boolean;
  readonly chat: Chat;
}
export type RoomEvent = ChatEvent;

/** … and its commands here. */
const commands: ReadonlyMap<string, Command<Chat, RoomEvent>> = new Map(Object.entries(chatCommands));

export const commandNames: readonly string[] = [...commands.keys()];

export interface RoomCommand {
  readonly name: string;
  readonly actor: UserId;
  readonly key: string;
  readonly print: string;
  /** The socket that asked: it gets the answer, the others the news. */
  readonly from: string | null;
  readonly wish: Wish<Chat, RoomEvent>;
  /** What the wish bears, as it stood when it was asked. */
  readonly media?: OfferedMedia | undefined;
}

/** Reads what a device or a route asks for. Throws NOT_FOUND, VALIDATION_ERROR, or GONE if it was meant for another pair. */
export function roomCommand(twin: Twin, name: string, payload: unknown, from: string | null): RoomCommand {
  const command = commands.get(name);
  if (!command) throw new Refusal("NOT_FOUND", "There is no such command");
  const { key, pairId = twin.pairId, ...rest } = parse(CommandEnvelope, payload);
  if (pairId !== twin.pairId) throw new Refusal("GONE", "This was written for another twin");
  const wish = command.read(rest);
  return { name, actor: twin.userId, key, print: fingerprint(name, wish.input), from, wish };
}

interface Opening {
  readonly lastId: string | null;
  readonly isClosed: boolean;
}

interface Entry {
  readonly seq: number | null;
  readonly version: number;
  readonly event: RoomEvent;
}

/** The rules in the shape the durable room asks for, with the clock and chance they are to use. */
export function roomRules({ now, newId, newSalt }: Pick<Clock & Chance, "now" | "newId" | "newSalt">) {
  return {
    open: ({ lastId, isClosed }: Opening, recent: readonly Message[]): RoomState => ({
      isClosed,
      chat: openChat(recent, lastId),
    }),
    missing: ({ chat }: RoomState, { wish }: RoomCommand): readonly MessageId[] =>
      wish.needs.filter((id) => !findMessage(chat, id)),
    learn: (state: RoomState, messages: readonly Message[]): RoomState => ({
      ...state,
      chat: learnMessages(state.chat, messages),
    }),
    decide: ({ chat, isClosed }: RoomState, { wish, actor, key, media }: RoomCommand): Decision<RoomEvent> => {
      if (isClosed && !wish.afterTheEnd) throw new Refusal("GONE", "You two are not paired any more");
      return wish.decide(chat, { actor, key, now: now(), newId, newSalt, media });
    },
    reach: ({ type }: RoomEvent) => chatReach[type],
    evolve: (state: RoomState, { event, ...place }: Entry): RoomState => ({
      ...state,
      chat: evolveChat(state.chat, event, place),
    }),
    touched: ({ chat }: RoomState, { event }: Entry): Message | undefined =>
      event.type === "chat.nothing_changed" ? undefined : findMessage(chat, event.id),
  };
}

export type RoomRules = ReturnType<typeof roomRules>;

import { CommandEnvelope } from "../../schema/wire/chat.ts";
import type { MessageId, UserId } from "../../schema/wire/ids.ts";
import type { Chance, Clock, Twin } from "../ports.ts";
import { parse, Refusal } from "../refusal.ts";
import { chatCommands, moderationCommands } from "./chat.ts";
import {
  type Chat,
  type ChatEvent,
  chatReach,
  evolveChat,
  findMessage,
  isChatType,
  learnMessages,
  openChat,
} from "./chat-history.ts";
import { type Arrival, unmeasured } from "./fair-time.ts";
import type { Agreed, Command, Decision, Moment, Wish } from "./feature.ts";
import { fingerprint } from "./fingerprint.ts";
import type { OfferedMedia } from "./media.ts";
import type { Message } from "./message.ts";
import { type HistoryTrimmed, TRIMMED, trimChat, trimmingReach } from "./trimming.ts";
import { momentsAfter, twintuitionCommands } from "./twintuition.ts";
import {
  evolveTwintuition,
  openTwintuition,
  type Twintuition,
  type TwintuitionEvent,
  type TwintuitionFact,
  twintuitionReach,
  twintuitionTouched,
} from "./twintuition-history.ts";

/** What a room remembers and what can happen in it: a new feature adds its slice and its events here … */
export interface RoomState {
  /** The pair has ended: nothing may be added. */
  readonly isClosed: boolean;
  readonly chat: Chat;
  readonly twintuition: Twintuition;
}
export type RoomEvent = ChatEvent | TwintuitionEvent | HistoryTrimmed;

/** What it keeps in tables: a message bears no name, the facts of other features do. */
export type RoomFact = Message | TwintuitionFact;

export const isMessage = (fact: RoomFact): fact is Message => !("fact" in fact);
export const isTwintuition = (fact: RoomFact): fact is TwintuitionFact => "fact" in fact;

/** … and its commands here. */
const commands: ReadonlyMap<string, Command<RoomState, RoomEvent>> = new Map([
  ...sliced(({ chat }) => chat, chatCommands),
  ...sliced(({ twintuition }) => twintuition, twintuitionCommands),
]);

/** A rule sees its own slice of what the room remembers. */
function sliced<Slice, Event extends RoomEvent>(
  sliceOf: (state: RoomState) => Slice,
  named: Readonly<Record<string, Command<Slice, Event>>>,
): [string, Command<RoomState, RoomEvent>][] {
  return Object.entries(named).map(([name, { read }]) => [
    name,
    {
      read: (payload) => {
        const wish = read(payload);
        return { ...wish, decide: (state, moment) => wish.decide(sliceOf(state), moment) };
      },
    },
  ]);
}

/** What devices can ask for. */
export const commandNames: readonly string[] = [...commands.keys()];

/** What comes by the door, and never from a device. */
const staffCommands: ReadonlyMap<string, Command<RoomState, RoomEvent>> = new Map(
  sliced(({ chat }) => chat, moderationCommands),
);

/** All that one process may ask another to do in a room. */
export const doorCommandNames: readonly string[] = [...commandNames, ...staffCommands.keys()];

export interface RoomCommand {
  readonly name: string;
  readonly actor: UserId;
  readonly key: string;
  readonly print: string;
  /** The socket that asked: it gets the answer, the others the news. */
  readonly from: string | null;
  readonly wish: Wish<RoomState, RoomEvent>;
  readonly circumstances: Circumstances;
}

/** What is known beside what was asked; a repeat may come under others, and is a repeat all the same. */
export interface Circumstances {
  readonly arrival?: Arrival;
  readonly agreed?: Agreed;
  /** What the wish bears, as it stood when it was asked. */
  readonly media?: OfferedMedia | undefined;
}

/** Reads what a device or a route asks for. Throws NOT_FOUND, VALIDATION_ERROR, or GONE if it was meant for another pair. */
export function roomCommand(
  twin: Twin,
  name: string,
  payload: unknown,
  from: string | null,
  circumstances: Circumstances = {},
): RoomCommand {
  const command = from === null ? (commands.get(name) ?? staffCommands.get(name)) : commands.get(name);
  if (!command) throw new Refusal("NOT_FOUND", "There is no such command");
  const { key, pairId = twin.pairId, ...rest } = parse(CommandEnvelope, payload);
  if (pairId !== twin.pairId) throw new Refusal("GONE", "This was written for another twin");
  const wish = command.read(rest);
  return { name, actor: twin.userId, key, print: fingerprint(name, wish.input), from, wish, circumstances };
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

/** As long as nobody has said otherwise. */
const USUAL: Agreed = { windowMs: 30_000, keywordMoments: true, zones: [] };

export type RoomRulesDeps = Pick<Clock & Chance, "now" | "newId" | "newSalt"> & Pick<Moment, "seal" | "open">;

/** The rules in the shape the durable room asks for, with the clock, chance and seal they are to use. */
export function roomRules({ now, ...given }: RoomRulesDeps) {
  const momentOf = ({ actor, key, circumstances }: RoomCommand): Moment => {
    const { arrival = unmeasured(now()), agreed = USUAL, media } = circumstances;
    return { ...given, actor, key, now: now(), arrival, agreed, media };
  };
  return {
    open: ({ lastId, isClosed }: Opening, facts: readonly RoomFact[]): RoomState => ({
      isClosed,
      chat: openChat(facts.filter(isMessage), lastId),
      twintuition: openTwintuition(facts.filter(isTwintuition)),
    }),
    missing: ({ chat }: RoomState, { wish }: RoomCommand): readonly MessageId[] =>
      wish.needs.filter((id) => !findMessage(chat, id)),
    learn: (state: RoomState, facts: readonly RoomFact[]): RoomState => ({
      ...state,
      chat: learnMessages(state.chat, facts.filter(isMessage)),
    }),
    decide: (state: RoomState, command: RoomCommand): Decision<RoomEvent> => {
      const { wish } = command;
      if (state.isClosed && !wish.afterTheEnd) throw new Refusal("GONE", "You two are not paired any more");
      const moment = momentOf(command);
      const [first, ...rest] = wish.decide(state, moment);
      return [first, ...rest, ...(isOfChat(first) ? momentsAfter(state.twintuition, first, moment) : [])];
    },
    reach: ({ type }: RoomEvent) => REACH[type],
    evolve: (state: RoomState, { event, ...place }: Entry): RoomState => {
      if (event.type === TRIMMED) return { ...state, chat: trimChat(state.chat, event) };
      return isOfChat(event)
        ? { ...state, chat: evolveChat(state.chat, event, place) }
        : { ...state, twintuition: evolveTwintuition(state.twintuition, event) };
    },
    touched: ({ chat }: RoomState, { event }: Entry): readonly (readonly [string, RoomFact])[] => {
      if (event.type === TRIMMED) return [];
      return isOfChat(event) ? chatTouched(chat, event) : twintuitionTouched(event);
    },
  };
}

const REACH = { ...chatReach, ...twintuitionReach, ...trimmingReach };

export const isOfChat = (event: RoomEvent): event is ChatEvent => isChatType(event.type);

function chatTouched(chat: Chat, { type, id }: ChatEvent): readonly (readonly [string, Message])[] {
  const message = type === "chat.nothing_changed" ? undefined : findMessage(chat, id);
  return message ? [[id, message]] : [];
}

export type RoomRules = ReturnType<typeof roomRules>;

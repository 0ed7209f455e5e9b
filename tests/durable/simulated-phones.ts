import { findMessage, isPrivate } from "../../domain/room/chat-history.ts";
import { noMarks } from "../../domain/room/marks.ts";
import { type Eyes, type Message, viewFor } from "../../domain/room/message.ts";
import type { RoomCommand, RoomEvent, RoomState } from "../../domain/room/rules.ts";
import type { Answer } from "../../rooms/durable/answers.ts";
import type { Entry, Head } from "../../rooms/durable/journal.ts";
import type { PairId } from "../../schema/wire/ids.ts";
import type { Observation, Place, Truth } from "../support/history-checker.ts";
import type { MemoryJournal } from "../support/memory-journal.ts";
import { ada } from "../support/twins.ts";

/** All simulated phones that look into rooms are Ada's. */
const eyes: Eyes = {
  reader: ada,
  personOf: () => ({ name: "", accentColor: "" }),
  marksOfTwinOf: () => noMarks,
};

const inRoom = (pair: PairId, epoch: number): Place => ({
  pair,
  person: ada,
  device: `room ${epoch}`,
  connection: `${pair}/${epoch}`,
});

const byCommand = (pair: PairId, { actor }: RoomCommand): Place => ({
  pair,
  person: actor,
  device: `asks of ${actor}`,
  connection: "asks",
});

const askOf = (pair: PairId, ask: number) => `${pair}/${ask}`;

export function invoked(pair: PairId, command: RoomCommand, ask: number): Observation {
  const { name, key, wish } = command;
  const body = { ...Object(wish.input) };
  return { ...byCommand(pair, command), type: "invoked", ask: askOf(pair, ask), key, name, body };
}

const CODES: Readonly<Record<string, string>> = {
  reused: "ID_REUSED",
  unavailable: "UNAVAILABLE",
  poisoned: "INTERNAL_SERVER_ERROR",
};

export function answered(pair: PairId, command: RoomCommand, ask: number, outcome: Answer | string): Observation {
  const { name, key } = command;
  const place = { ...byCommand(pair, command), ask: askOf(pair, ask), key };
  if (typeof outcome === "string") return { ...place, type: "refused", code: CODES[outcome] ?? outcome };
  const { at, id, seq, version, duplicate } = outcome;
  const sent = seq === null ? { version } : { id, seq, version, sentAt: new Date(at).toISOString(), duplicate };
  return { ...place, type: "answered", name, answer: sent };
}

/** A room that opens, as a window shows it. */
export function shown(
  pair: PairId,
  epoch: number,
  room: { readonly state: RoomState; readonly head: Head },
): Observation {
  const messages = room.state.chat.recent.map((message) => viewFor(eyes, message));
  const { version, firstSeq } = room.head;
  return { ...inRoom(pair, epoch), type: "window", messages, version, history: "a line", firstSeq };
}

/** What a phone in the room hears of a row. */
export function told(pair: PairId, epoch: number, entry: Entry<RoomEvent>, { chat }: RoomState): Observation[] {
  const { event, version, ask } = entry;
  const message = findMessage(chat, event.id);
  const isTwinsHide = event.type === "chat.message_hidden" && ask?.actor !== ada;
  if (!message || isPrivate(event.type) || isTwinsHide) return [];
  return [{ ...inRoom(pair, epoch), type: "told", version, message: viewFor(eyes, message) }];
}

export function truthOf(journal: MemoryJournal, pair: PairId): Truth {
  const { rows, messages, head } = journal.history(pair);
  return {
    firstSeq: head.firstSeq,
    messages: [...messages.values()].map((message) => ({ ...seenByAll(message), hides: message.hides })),
    journal: rows.map(({ ask, seq, version, event }) => ({
      actor: ask?.actor ?? null,
      key: ask?.key ?? null,
      id: event.id,
      seq,
      version,
    })),
  };
}

const seenByAll = (message: Message) => viewFor({ ...eyes }, { ...message, hides: [] });

import type { Answer } from "./answers.ts";
import type { Append, Ask, Due, Entry, Happening, Place } from "./journal.ts";
import { headAfter, type Rules, type Standing, standingAfter } from "./rules.ts";

/** So one pair's flood fills no batch. */
const ROWS_PER_APPEND = 32;

/** One command's rows: at least one, for a command always leaves a trace. */
export type Entries<Event> = readonly [Entry<Event>, ...Entry<Event>[]];

/** A command decided and not yet written. */
export interface Pending<Command, Event> {
  readonly command: Command;
  readonly entries: Entries<Event>;
  readonly tries: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** Who is to be told of an event outside the room, and when; as things stand when it is written. */
export type DueOf<Event> = (event: Event) => Omit<Due, "revision"> | undefined;

/** The rows a command makes on `standing`; throws what the rules throw. */
export function entriesFor<State, Command extends Ask, Event extends Happening, Fact>(
  rules: Rules<State, Command, Event, Fact>,
  standing: Standing<State>,
  command: Command,
): Entries<Event> {
  let { head } = standing;
  const entryOf = (event: Event, ask: Ask | null): Entry<Event> => {
    const reach = rules.reach(event);
    head = headAfter(head, reach, event.id);
    const { revision, version, lastSeq } = head;
    return { revision, version, seq: reach === "numbered" ? lastSeq : null, event, ask };
  };
  const [first, ...rest] = rules.decide(standing.state, command);
  return [entryOf(first, command), ...rest.map((event) => entryOf(event, null))];
}

/** What those commands want written on `standing`: all their rows, and each fact once, as the last of them leaves it. */
export function appendOf<State, Command extends Ask, Event extends Happening, Fact>(
  rules: Rules<State, Command, Event, Fact>,
  pairId: string,
  standing: Standing<State>,
  batch: readonly Pending<Command, Event>[],
  due: DueOf<Event>,
): Append<Event, Fact> {
  const entries = batch.flatMap((pending) => pending.entries);
  const facts = new Map<string, Fact>();
  const after = entries.reduce((before, entry) => {
    const next = standingAfter(rules, before, entry);
    for (const [id, fact] of rules.touched(next.state, entry)) facts.set(id, fact);
    return next;
  }, standing);
  const dues = entries.flatMap(({ revision, event }) => {
    const told = due(event);
    return told ? [{ revision, ...told }] : [];
  });
  return { pairId, expected: standing.head, next: after.head, entries, facts: [...facts.values()], dues };
}

/** How many of the oldest fit into one append; at least one. */
export function fitting<Command, Event>(queue: readonly Pending<Command, Event>[]): number {
  let rows = 0;
  const tooMany = queue.findIndex(({ entries }) => {
    rows += entries.length;
    return rows > ROWS_PER_APPEND;
  });
  return tooMany === -1 ? queue.length : Math.max(tooMany, 1);
}

/** Where the command stands in history, by its first row. */
export function placeOf<Event extends Happening>([{ event, seq, version }]: Entries<Event>): Place {
  return { id: event.id, seq, version, at: event.at };
}

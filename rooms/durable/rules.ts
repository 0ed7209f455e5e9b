import type { Ask, Entry, Happening, Head, Reach } from "./journal.ts";

/** What may happen in a room, as pure functions. They may throw to refuse; a throw changes nothing. */
export interface Rules<State, Command extends Ask, Event extends Happening, Fact> {
  /** What a room knows when it opens. */
  open(head: Head, facts: readonly Fact[]): State;
  /** Ids of the facts that must be read before this command can be decided. */
  missing(state: State, command: Command): readonly string[];
  learn(state: State, facts: readonly Fact[]): State;
  decide(state: State, command: Command): readonly [Event, ...Event[]];
  reach(event: Event): Reach;
  evolve(state: State, entry: Entry<Event>): State;
  /** The facts that this entry, just evolved, left changed, each under its id. */
  touched(state: State, entry: Entry<Event>): Iterable<readonly [string, Fact]>;
}

/** A room's history and what it makes of it. */
export interface Standing<State> {
  readonly head: Head;
  readonly state: State;
}

export function headAfter(head: Head, reach: Reach, id: string): Head {
  const next = { ...head, revision: head.revision + 1, version: head.version + (reach === "private" ? 0 : 1) };
  return reach === "numbered" ? { ...next, lastSeq: head.lastSeq + 1, lastId: id } : next;
}

/** The standing after one entry, which was decided on `standing`. */
export function standingAfter<State, Command extends Ask, Event extends Happening, Fact>(
  rules: Rules<State, Command, Event, Fact>,
  { head, state }: Standing<State>,
  entry: Entry<Event>,
): Standing<State> {
  const { revision, version, seq, event } = entry;
  const numbered = seq === null ? {} : { lastSeq: seq, lastId: event.id };
  return { head: { ...head, revision, version, ...numbered }, state: rules.evolve(state, entry) };
}

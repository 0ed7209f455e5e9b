/** One command of one person. The same actor and key is the same command, for ever; `print` tells whether it says the same. */
export interface Ask {
  readonly actor: string;
  readonly key: string;
  readonly print: string;
}

/** The little the machinery must know of an event: what it is about, and when (milliseconds since 1970). */
export interface Happening {
  readonly id: string;
  readonly at: number;
}

/** What an event counts as. `numbered` takes a seq and a version, `shared` a version, `private` neither. */
export type Reach = "numbered" | "shared" | "private";

/** Where a pair's history stands. */
export interface Head {
  /** Rises with each owner; only the present one can write. */
  readonly epoch: number;
  /** Counts rows, and the revisions that were taken for nothing. Never leaves the server. */
  readonly revision: number;
  /** Counts what a twin may see. */
  readonly version: number;
  /** Counts numbered events. */
  readonly lastSeq: number;
  /** Of the newest numbered event; ids rise, so whoever makes the next one looks here. */
  readonly lastId: string | null;
  /** Where history begins, once its oldest part was trimmed. */
  readonly firstSeq: number;
  /** Nothing may be added any more. */
  readonly isClosed: boolean;
}

/** One row of history. Only a command's first row bears its ask. */
export interface Entry<Event> {
  readonly revision: number;
  readonly version: number;
  readonly seq: number | null;
  readonly event: Event;
  readonly ask: Ask | null;
}

/** Somebody is to be told of a row outside the room, unless they have heard of it by then (milliseconds since 1970). */
export interface Due {
  readonly revision: number;
  readonly to: string;
  readonly at: number;
}

/** What one room wants written, all or nothing: its rows, and the final state of every fact they touch. */
export interface Append<Event, Fact> {
  readonly pairId: string;
  /** The head as the room knows it; another epoch or revision and nothing is written. */
  readonly expected: Head;
  readonly next: Head;
  readonly entries: readonly Entry<Event>[];
  readonly facts: readonly Fact[];
  readonly dues: readonly Due[];
}

/** The place a command took in history: what a repeat is answered with. */
export interface Place {
  readonly id: string;
  readonly seq: number | null;
  readonly version: number;
  readonly at: number;
}

export interface Recalled {
  readonly actor: string;
  readonly key: string;
  readonly place: Place;
  /** Whether it said the same then. */
  readonly same: boolean;
}

/** Whose pair it turned out to be: ours, with what was written since we looked; or no longer. */
export type Fenced<Event> =
  | { readonly isOurs: true; readonly head: Head; readonly entries: readonly Entry<Event>[] }
  | { readonly isOurs: false; readonly isClosed: boolean };

/**
 * The histories of all pairs. Two keys carry the promises: a revision is written once, and a command takes effect
 * once; so whoever believes to own a pair may try, and only the true owner's rows get in.
 */
export interface Journal<Event, Fact> {
  /**
   * Writes what still fits and names the pairs that got in. Throws Poison if the rows themselves cannot be written
   * (then none was), and anything else if nobody knows.
   */
  append(appends: readonly Append<Event, Fact>[]): Promise<ReadonlySet<string>>;
  /** The newest facts, oldest first, to open a room with. */
  newest(pairId: string): Promise<{ readonly head: Head; readonly facts: readonly Fact[] }>;
  /** Takes a revision for nothing, so that no append sent before can still get in, and tells what did get in after `revision`. */
  fence(pairId: string, epoch: number, revision: number): Promise<Fenced<Event>>;
  /** Those of the commands that have taken effect, and under which epoch the pair is. */
  recall(pairId: string, asks: readonly Ask[]): Promise<{ readonly epoch: number; readonly done: readonly Recalled[] }>;
  facts(pairId: string, ids: readonly string[]): Promise<readonly Fact[]>;
}

/** The rows are at fault, not the database: trying again cannot help. */
export class Poison extends Error {
  override readonly name = "Poison";
}

/** Why a command has no answer, where the rules did not refuse it. */
export type Why = "reused" | "unavailable" | "poisoned";

export class NotDone extends Error {
  override readonly name = "NotDone";
  readonly why: Why;

  constructor(why: Why, options?: ErrorOptions) {
    super(`The command was not done: ${why}`, options);
    this.why = why;
  }
}

/**
 * What a test writes down of a pair's life: what each device asked, was answered, heard and showed. A simulator and real
 * phones write the same. Order within one device is the order of the list; between devices it means nothing.
 */
export interface Place {
  readonly pair: string;
  readonly person: string;
  readonly device: string;
  /** One socket, or one call by HTTP; unique in the record. */
  readonly connection: string;
}

/** A message as it was heard. What depends on who looks (names, colours, marks) may be missing, and is not compared. */
export interface Heard {
  readonly id: string;
  readonly seq: number;
  readonly version: number;
  readonly hidden?: true;
  readonly key?: string;
  readonly senderId?: string;
  readonly type?: string;
  readonly text?: string | null;
  readonly encrypted?: unknown;
  readonly media?: unknown;
  readonly location?: unknown;
  readonly replyTo?: string | null;
  readonly reactions?: readonly unknown[];
  readonly pinned?: boolean;
  readonly sentAt?: string;
  readonly editedAt?: string | null;
  readonly deletedAt?: string | null;
}

export interface Answer {
  readonly id?: string;
  readonly seq?: number | null;
  readonly version: number;
  readonly sentAt?: string;
  readonly duplicate?: boolean;
}

/** `ask` is unique in the record and ties an answer to what was asked; `body` has neither key nor pairId. */
export type Invoked = Place & {
  readonly type: "invoked";
  readonly ask: string;
  readonly key: string;
  readonly name: string;
  readonly body: object;
};
export type Answered = Place & {
  readonly type: "answered";
  readonly ask: string;
  readonly key: string;
  readonly name: string;
  readonly answer: Answer;
};
export type RefusedAsk = Place & {
  readonly type: "refused";
  readonly ask: string;
  readonly key: string;
  readonly code: string;
};

export type Windowed = Place & {
  readonly type: "window";
  readonly messages: readonly Heard[];
  readonly version: number;
  readonly history: string;
  readonly firstSeq: number;
};
export type Resumed = Place & {
  readonly type: "resumed";
  readonly from: number;
  readonly to: number;
  readonly hasMore: boolean;
  readonly history: string;
  readonly reset: boolean;
};
/** chat.message, live or behind a resume; `version` is its place there. */
export type Told = Place & { readonly type: "told"; readonly version: number; readonly message: Heard };
export type Synced = Place & {
  readonly type: "synced";
  readonly afterVersion: number;
  readonly messages: readonly Heard[];
  readonly version: number;
  readonly history: string;
  readonly hasMore: boolean;
  readonly reset: boolean;
};
/** A page of history, by whatever door. */
export type Paged = Place & { readonly type: "paged"; readonly messages: readonly Heard[] };
export type Marked = Place & {
  readonly type: "marked";
  readonly source: "receipt" | "state" | "answer";
  readonly whose: string;
  readonly deliveredSeq?: number;
  readonly readSeq?: number;
  /** The newest message, as the same source knows it. */
  readonly lastSeq?: number;
};
export type Stated = Place & { readonly type: "stated"; readonly version: number; readonly lastSeq: number };
/** What a client handed to its person: the window it draws anew, the next message, or a change of one. */
export type Shown = Place & {
  readonly type: "shown";
  readonly how: "window" | "message" | "changed";
  readonly messages: readonly Heard[];
};
/** The test says that this device is connected, and that nothing is under way any more: now it must know all. */
export type Settled = Place & { readonly type: "settled" };

export type Observation =
  | Invoked
  | Answered
  | RefusedAsk
  | Windowed
  | Resumed
  | Told
  | Synced
  | Paged
  | Marked
  | Stated
  | Shown
  | Settled;

/** A message as it is stored, with who hid it for themselves, and at which version. */
export interface Stored extends Heard {
  readonly hides: readonly { readonly userId: string; readonly version: number }[];
}

export interface JournalRow {
  readonly actor: string | null;
  readonly key: string | null;
  readonly id: string;
  readonly seq: number | null;
  readonly version: number;
}

/** What one pair's history is in the end. */
export interface Truth {
  readonly firstSeq: number;
  readonly messages: readonly Stored[];
  readonly journal?: readonly JournalRow[];
}

/** All that was written down of one pair. */
export interface PairRecord {
  readonly observations: readonly Observation[];
  readonly truth: Truth | undefined;
}

export type Promised = "P2" | "P3" | "P4" | "P5" | "P10" | "P11";

export interface Violation {
  readonly promise: Promised;
  readonly says: string;
  readonly pair: string;
  readonly device?: string;
}

/** One check of one pair: what it says is wrong, and for which device. */
export type Finding = Pick<Violation, "says" | "device">;
export type Check = (record: PairRecord) => Iterable<Finding>;

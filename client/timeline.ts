import type { AnyMessageView, HistoryPage, SyncPage } from "../schema/wire/chat.ts";
import type { ChatMessage, ChatResume, ChatWindow } from "../schema/wire/room.ts";
import { MessageBook } from "./message-book.ts";
import type { Platform } from "./platform.ts";
import type { Position, Snapshot } from "./position.ts";
import { NoAnswer } from "./retry.ts";
import { readChanges } from "./sync.ts";

/** What a timeline tells, each thing once and in order. */
export interface TimelineEvents {
  /** All there is to show, in seq order; whatever was shown before is replaced. */
  readonly window: { readonly messages: readonly AnyMessageView[]; readonly hasMore: boolean };
  /** A new message, the next in seq order. */
  readonly message: AnyMessageView;
  /** A message that was there is different now. It may be older than any that was shown. */
  readonly changed: AnyMessageView;
  /** History begins here by now: earlier messages are gone. */
  readonly trimmed: { readonly firstSeq: number };
}

export interface TimelineDeps {
  readonly platform: Platform;
  /** chat.sync; throws Refused or NoAnswer. */
  readonly sync: (afterVersion: number, limit: number, history: string) => Promise<SyncPage>;
  /** What we have cannot be mended: join again and begin with the window. */
  readonly reload: () => void;
  readonly tell: { readonly [Name in keyof TimelineEvents]: (payload: TimelineEvents[Name]) => void };
}

/** A change and its place among the versions: for what was told late, the place of the first change it stands for. */
type Item = ChatMessage;

/** Enough to open the app with, and the size of the server's own window. */
const KEPT_MESSAGES = 50;

/** How long an answer of ours may trail behind the events around it before we ask what is missing. */
const TRAILING_MS = 300;

/**
 * What was said, in order, each thing once, whichever way it is heard of first: window, resume, event, answer, sync or
 * history. Everything up to the position is known; what comes out of turn is held until what is missing has been asked for.
 */
export class Timeline {
  readonly #deps: TimelineDeps;
  readonly #book = new MessageBook();
  /** Position when a command of ours was first sent: until it is answered, what it made may be all that we lack. */
  readonly #unanswered = new Map<string, number>();
  /** Versions above the position that we know by our own answers. */
  readonly #known = new Set<number>();
  #held: Item[] = [];
  #history: string | undefined;
  #version = 0;
  #firstSeq = 1;
  /** Counts connections: what was asked on an older one is not believed. */
  #connection = 0;
  #isCatchingUp = false;
  /** What a resume tells comes at once, even if it cannot tell all; what is above waits its turn. */
  #resumedTo = Number.NEGATIVE_INFINITY;
  #cancelFill: (() => void) | undefined;

  constructor(deps: TimelineDeps) {
    this.#deps = deps;
  }

  /** Undefined before anything is known. A command of ours that is under way keeps it back. */
  get position(): Position | undefined {
    if (this.#history === undefined) return undefined;
    return { afterVersion: Math.min(this.#version, ...this.#unanswered.values()), history: this.#history };
  }

  get lastSeq(): number {
    return this.#book.lastSeq;
  }

  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** Whether there is history before what `messages` begins with. */
  get hasMore(): boolean {
    return this.#book.fromSeq > this.#firstSeq;
  }

  /** All that is loaded without a gap, in seq order. */
  get messages(): readonly AnyMessageView[] {
    return this.#book.from(this.#book.fromSeq);
  }

  /** Everything told is in its place, and nothing is being asked for. */
  get isWhole(): boolean {
    return !this.#isCatchingUp && this.#held.length === 0;
  }

  get snapshot(): Snapshot | undefined {
    const { position } = this;
    if (!position) return undefined;
    const messages = this.#book.from(Math.max(this.#book.fromSeq, this.lastSeq - KEPT_MESSAGES + 1));
    const hasMore = (messages[0]?.seq ?? this.#firstSeq) > this.#firstSeq;
    return { ...position, firstSeq: this.#firstSeq, hasMore, messages };
  }

  restore({ afterVersion, history, firstSeq, hasMore, messages }: Snapshot): void {
    this.#replace({ version: afterVersion, history, firstSeq, hasMore, messages });
  }

  /** This message, as it stands; undefined if it was never shown. */
  find(id: string): AnyMessageView | undefined {
    return this.#book.find(id);
  }

  /** A new connection: what was half told on the one before will be told again. */
  connected(): void {
    this.#connection += 1;
    this.#isCatchingUp = false;
    this.#held = [];
    this.#resumedTo = Number.NEGATIVE_INFINITY;
    this.#cancelFill?.();
    this.#cancelFill = undefined;
  }

  /** Throws away what it knows; the next join brings the window. */
  forget(): void {
    this.connected();
    this.#book.clear();
    this.#known.clear();
    this.#history = undefined;
    this.#version = 0;
  }

  /** A command of ours is sent for the first time … */
  expect(key: string): void {
    if (!this.#unanswered.has(key)) this.#unanswered.set(key, this.position?.afterVersion ?? 0);
  }

  /** … and is answered for good. */
  settle(key: string): void {
    this.#unanswered.delete(key);
  }

  hearWindow(window: ChatWindow): void {
    this.#replace(window);
  }

  /** False if what we have is no part of that history: it is thrown away. */
  hearResume({ to, hasMore, history, reset }: ChatResume): boolean {
    if (reset || history !== this.#history) {
      this.#startOver();
      return false;
    }
    if (hasMore) void this.#catchUp(to, to);
    return true;
  }

  hear(item: Item): void {
    if (this.#history === undefined) return;
    if (!this.isWhole && item.version > this.#resumedTo) this.#hold(item);
    else if (this.#take(item.message)) this.#advance(item.version);
    else this.#hold(item);
  }

  /** A message of ours, as its answer says. */
  hearSent(message: AnyMessageView): void {
    if (this.#history === undefined) return;
    const item = { version: message.version, message };
    if (!this.#take(message)) return this.#hold(item);
    this.#learn(message.version);
    this.#release();
  }

  /** What a command of ours did to this message is in history: how it stands now, the server must say. Throws as sync does. */
  async hearDone(id: string, version: number): Promise<void> {
    const known = this.find(id);
    if (this.#history === undefined || (known && known.version >= version)) return;
    const connection = this.#connection;
    const page = await this.#deps.sync(Math.max(0, version - 1), 1, this.#history);
    if (connection !== this.#connection) throw new NoAnswer("The connection ended");
    if (page.reset) return this.#startOver();
    for (const message of page.messages) this.#take(message);
    this.#learn(version);
    this.#release();
  }

  hearTrimmed(firstSeq: number): void {
    if (firstSeq <= this.#firstSeq) return;
    this.#book.trim(firstSeq);
    this.#firstSeq = firstSeq;
    this.#deps.tell.trimmed({ firstSeq });
  }

  /** A page that was asked for: of what is known by now, the newer stays. Answers with what is to be shown. */
  addPage({ messages }: HistoryPage): readonly AnyMessageView[] {
    const shown = messages.filter(({ seq }) => seq <= this.lastSeq).map((message) => this.#newer(message));
    this.#book.putOlder(shown);
    return shown;
  }

  #newer(message: AnyMessageView): AnyMessageView {
    const known = this.#book.at(message.seq);
    return known && known.version > message.version ? known : message;
  }

  #replace({ messages, version, history, firstSeq, hasMore }: Omit<ChatWindow, "readSeq">): void {
    this.forget();
    this.#book.fill(messages, firstSeq);
    for (const key of this.#unanswered.keys()) this.#unanswered.set(key, version);
    this.#history = history;
    this.#version = version;
    this.#firstSeq = firstSeq;
    this.#deps.tell.window({ messages, hasMore });
  }

  #startOver(): void {
    this.forget();
    this.#deps.reload();
  }

  /** Puts a message where it belongs, if there is no gap before it; what is known already changes nothing. */
  #take(message: AnyMessageView): boolean {
    const { seq } = message;
    if (seq > this.lastSeq + 1) return false;
    const known = this.#book.at(seq);
    if (known && known.version >= message.version) return true;
    const isNew = seq > this.lastSeq;
    this.#book.put(message);
    if (isNew) this.#deps.tell.message(message);
    else this.#deps.tell.changed(message);
    return true;
  }

  #advance(version: number): void {
    this.#version = Math.max(this.#version, version);
    while (this.#known.delete(this.#version + 1)) this.#version += 1;
  }

  /** Known by our own answer, which may be ahead of events about others' changes: only without a gap is all below known. */
  #learn(version: number): void {
    if (version > this.#version) this.#known.add(version);
    this.#advance(this.#version);
  }

  #hold(item: Item): void {
    this.#held.push(item);
    if (this.#isCatchingUp || this.#cancelFill) return;
    // Our own answer comes just behind the events it belongs before; it is worth a moment's patience.
    const waitMs = this.#unanswered.size > 0 ? TRAILING_MS : 0;
    this.#cancelFill = this.#deps.platform.after(waitMs, () => {
      this.#cancelFill = undefined;
      void this.#catchUp(this.position?.afterVersion ?? 0);
    });
  }

  /** Lets go of what was held, as far as it fits by now. */
  #release(): void {
    if (this.#isCatchingUp) return;
    const held = this.#held.sort((one, other) => one.version - other.version);
    const misfit = held.findIndex(({ message, version }) => {
      if (!this.#take(message)) return true;
      this.#advance(version);
      return false;
    });
    this.#held = misfit === -1 ? [] : held.slice(misfit);
    if (this.#held.length > 0) return;
    this.#cancelFill?.();
    this.#cancelFill = undefined;
  }

  /** Asks for all that changed after this version, and then lets go of what was held meanwhile. */
  async #catchUp(afterVersion: number, resumedTo = Number.NEGATIVE_INFINITY): Promise<void> {
    const connection = this.#connection;
    this.#isCatchingUp = true;
    this.#resumedTo = resumedTo;
    const isWhole = await readChanges(
      {
        platform: this.#deps.platform,
        sync: (from, limit) => this.#deps.sync(from, limit, this.#history ?? ""),
        isWanted: () => connection === this.#connection,
        take: (page) => this.#takePage(page),
      },
      afterVersion,
    );
    if (connection !== this.#connection) return;
    this.#isCatchingUp = false;
    this.#resumedTo = Number.NEGATIVE_INFINITY;
    if (isWhole) this.#release();
    if (!isWhole || this.#held.length > 0) this.#startOver();
  }

  /** False if what was told does not fit what we have, or is none of our history. */
  #takePage({ messages, version, history, reset }: SyncPage): boolean {
    if (reset || history !== this.#history) return false;
    if (!messages.every((message) => this.#take(message))) return false;
    this.#advance(version);
    return true;
  }
}

import type { AnyMessageView, HistoryPage, SyncPage } from "../schema/wire/chat.ts";
import type { ChatMessage, ChatResume, ChatWindow } from "../schema/wire/room.ts";
import type { Platform } from "./platform.ts";
import { isForNow, NoAnswer, pause, waitAfter } from "./retry.ts";

/** How far a device has come, and in which line of history: what it joins with. */
export interface Position {
  readonly afterVersion: number;
  readonly history: string;
}

/** What a timeline tells, each once and in order. */
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
  readonly tell: <Name extends keyof TimelineEvents>(name: Name, payload: TimelineEvents[Name]) => void;
}

/** What is kept of a timeline while the app is closed. */
export interface Snapshot extends Position {
  readonly firstSeq: number;
  readonly hasMore: boolean;
  readonly messages: readonly AnyMessageView[];
}

/** A change and its place among the versions: for what was told late, the place of the first change it stands for. */
type Item = ChatMessage;

/** Enough to open the app with, and the size of the server's own window. */
const KEPT_MESSAGES = 50;

const PAGE = 200;

/** How long an answer of ours may trail behind the events around it before we ask what is missing. */
const TRAILING_MS = 300;

/**
 * What was said, in order, each thing once, whichever way it is heard of first: window, resume, event, answer, sync or
 * history. Everything up to the position is known; what comes out of turn is held until what is missing has been asked for.
 */
export class Timeline {
  readonly #deps: TimelineDeps;
  readonly #messages = new Map<number, AnyMessageView>();
  readonly #seqs = new Map<string, number>();
  /** Position when a command of ours was first sent: until it is answered, what it made may be all that we lack. */
  readonly #unanswered = new Map<string, number>();
  /** Versions above the position that we know by our own answers. */
  readonly #known = new Set<number>();
  #held: Item[] = [];
  #history: string | undefined;
  #version = 0;
  #firstSeq = 1;
  #lastSeq = 0;
  /** The oldest message of those that lie without a gap up to the newest. */
  #fromSeq = 1;
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
    return this.#lastSeq;
  }

  get firstSeq(): number {
    return this.#firstSeq;
  }

  /** Whether there is history before what `messages` begins with. */
  get hasMore(): boolean {
    return this.#fromSeq > this.#firstSeq;
  }

  /** All that is loaded without a gap, in seq order. */
  get messages(): readonly AnyMessageView[] {
    return this.#from(this.#fromSeq);
  }

  /** Everything told is in its place, and nothing is being asked for. */
  get isWhole(): boolean {
    return !this.#isCatchingUp && this.#held.length === 0;
  }

  get snapshot(): Snapshot | undefined {
    const { position } = this;
    if (!position) return undefined;
    const messages = this.#from(Math.max(this.#fromSeq, this.#lastSeq - KEPT_MESSAGES + 1));
    const hasMore = (messages[0]?.seq ?? this.#firstSeq) > this.#firstSeq;
    return { ...position, firstSeq: this.#firstSeq, hasMore, messages };
  }

  restore({ afterVersion, history, firstSeq, hasMore, messages }: Snapshot): void {
    this.#replace({ version: afterVersion, history, firstSeq, hasMore, messages });
  }

  /** This message, as it stands; undefined if it was never shown. */
  find(id: string): AnyMessageView | undefined {
    const seq = this.#seqs.get(id);
    return seq === undefined ? undefined : this.#messages.get(seq);
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
    this.#messages.clear();
    this.#seqs.clear();
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

  hearResume({ to, hasMore, history, reset }: ChatResume): void {
    if (reset || history !== this.#history) return this.#startOver();
    if (hasMore) void this.#catchUp(to, to);
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
    if (this.#isCatchingUp || !this.#take(message)) return this.#hold(item);
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
    for (const [seq, { id }] of this.#messages) {
      if (seq >= firstSeq) continue;
      this.#messages.delete(seq);
      this.#seqs.delete(id);
    }
    this.#firstSeq = firstSeq;
    this.#fromSeq = Math.max(this.#fromSeq, firstSeq);
    this.#lastSeq = Math.max(this.#lastSeq, firstSeq - 1);
    this.#deps.tell("trimmed", { firstSeq });
  }

  /** A page that was asked for: of what is known by now, the newer stays. Answers with what is to be shown. */
  addPage({ messages }: HistoryPage): readonly AnyMessageView[] {
    const shown = messages.filter(({ seq }) => seq <= this.#lastSeq).map((message) => this.#newer(message));
    for (const message of shown) this.#put(message);
    const [first, last] = [shown[0], shown.at(-1)];
    if (first && last && last.seq >= this.#fromSeq - 1) this.#fromSeq = Math.min(this.#fromSeq, first.seq);
    return shown;
  }

  #put(message: AnyMessageView): void {
    this.#messages.set(message.seq, message);
    this.#seqs.set(message.id, message.seq);
  }

  #newer(message: AnyMessageView): AnyMessageView {
    const known = this.#messages.get(message.seq);
    return known && known.version > message.version ? known : message;
  }

  #from(first: number): AnyMessageView[] {
    const seqs = Array.from({ length: Math.max(0, this.#lastSeq - first + 1) }, (_, index) => first + index);
    return seqs.flatMap((seq) => this.#messages.get(seq) ?? []);
  }

  #replace({ messages, version, history, firstSeq, hasMore }: Omit<ChatWindow, "readSeq">): void {
    this.forget();
    for (const message of messages) this.#put(message);
    for (const key of this.#unanswered.keys()) this.#unanswered.set(key, version);
    this.#history = history;
    this.#version = version;
    this.#firstSeq = firstSeq;
    this.#fromSeq = messages[0]?.seq ?? firstSeq;
    this.#lastSeq = messages.at(-1)?.seq ?? firstSeq - 1;
    this.#deps.tell("window", { messages, hasMore });
  }

  #startOver(): void {
    this.forget();
    this.#deps.reload();
  }

  /** Puts a message where it belongs, if there is no gap before it; what is known already changes nothing. */
  #take(message: AnyMessageView): boolean {
    const { seq } = message;
    if (seq > this.#lastSeq + 1) return false;
    const known = this.#messages.get(seq);
    if (known && known.version >= message.version) return true;
    this.#put(message);
    if (seq <= this.#lastSeq) this.#deps.tell("changed", message);
    else {
      this.#lastSeq = seq;
      this.#deps.tell("message", message);
    }
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

  /** Asks for all that changed after this version, page by page, and then lets go of what was held meanwhile. */
  async #catchUp(afterVersion: number, resumedTo = Number.NEGATIVE_INFINITY): Promise<void> {
    const connection = this.#connection;
    this.#isCatchingUp = true;
    this.#resumedTo = resumedTo;
    const isWhole = await this.#readOn(afterVersion, connection);
    if (connection !== this.#connection) return;
    this.#isCatchingUp = false;
    this.#resumedTo = Number.NEGATIVE_INFINITY;
    if (isWhole) this.#release();
    if (!isWhole || this.#held.length > 0) this.#startOver();
  }

  /** False if what was told does not fit what we have, or is none of our history. */
  async #readOn(afterVersion: number, connection: number): Promise<boolean> {
    for (let from = afterVersion; ; ) {
      const page = await this.#page(from, connection);
      if (!page) return true;
      if (page.reset || page.history !== this.#history) return false;
      if (!page.messages.every((message) => this.#take(message))) return false;
      this.#advance(page.version);
      if (!page.hasMore) return true;
      if (page.version <= from) return false;
      from = page.version;
    }
  }

  /** Undefined once nobody waits for it any more. A refusal for now is waited for; one for ever cannot be lived with. */
  async #page(from: number, connection: number): Promise<SyncPage | undefined> {
    for (let tries = 1; connection === this.#connection; tries++) {
      try {
        const page = await this.#deps.sync(from, PAGE, this.#history ?? "");
        return connection === this.#connection ? page : undefined;
      } catch (error) {
        const { platform } = this.#deps;
        if (connection !== this.#connection) return undefined;
        if (!isForNow(error)) return { messages: [], version: 0, history: "", hasMore: false, reset: true };
        await pause(platform, waitAfter(error, tries, platform.random));
      }
    }
    return undefined;
  }
}

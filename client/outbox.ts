import type { Report } from "./emitter.ts";
import type { Said } from "./own-message.ts";
import type { Platform } from "./platform.ts";
import { isForNow, Refused, waitAfter } from "./retry.ts";
import type { Listed, StoredList } from "./storage/list.ts";
import { isRecord } from "./wire.ts";

/** What takes effect once, for ever. */
export type Command =
  | { readonly name: "chat.send"; readonly payload: Said }
  | { readonly name: "chat.edit"; readonly payload: { readonly messageId: string; readonly text: string } }
  | { readonly name: "chat.delete"; readonly payload: { readonly messageId: string; readonly for: "everyone" | "me" } }
  | {
      readonly name: "chat.react";
      readonly payload: { readonly messageId: string; readonly emoji: string; readonly on: boolean };
    }
  | { readonly name: "chat.pin"; readonly payload: { readonly messageId: string; readonly on: boolean } };

const COMMANDS = ["chat.send", "chat.edit", "chat.delete", "chat.react", "chat.pin"] satisfies Command["name"][];

/** A command that will be done once, or refused for ever: it is stored before it is sent, and keeps its key. */
export type Queued = Command & {
  readonly key: string;
  /** For whom it was written. To another twin it is never said. */
  readonly pairId: string;
  /** When it was asked for, by this device's clock. */
  readonly at: number;
};

export interface OutboxDeps<Answer> {
  readonly platform: Platform;
  readonly list: StoredList<Queued>;
  /** Its answer was handed over; it is in history. */
  readonly done: (queued: Queued, answer: Answer) => void;
  /** It will not be done: the person must see that. */
  readonly refused: (queued: Queued, refusal: Refused) => void;
  /** What waits is different now. */
  readonly changed: () => void;
  readonly report: Report;
}

/** Sends a command and resolves with its answer, in full. Throws Refused or NoAnswer. */
export type Send<Answer> = (queued: Queued) => Promise<Answer>;

/**
 * What this device wants done, in the order in which it was wanted. One command is under way at a time: were the second
 * on its way while the first is refused for now, it would be done before it.
 */
export class Outbox<Answer> {
  readonly #deps: OutboxDeps<Answer>;
  #send: Send<Answer> | undefined;
  #pumping: Promise<void> | undefined;
  #tries = 0;
  #cancelWait: (() => void) | undefined;

  constructor(deps: OutboxDeps<Answer>) {
    this.#deps = deps;
  }

  /** Oldest first; the first may be under way. */
  get waiting(): readonly Queued[] {
    return this.#deps.list.items.map(({ item }) => item);
  }

  /** Resolves once it is stored on this device: from then on it will be done, or refused aloud. */
  async add(queued: Queued): Promise<void> {
    await this.#deps.list.add(queued);
    this.#deps.changed();
    this.#pump();
  }

  /** The way is open. */
  start(send: Send<Answer>): void {
    this.#send = send;
    this.#tries = 0;
    this.#cancelWait?.();
    this.#pump();
  }

  /** The way is closed; what is under way may have arrived, and will be asked again. */
  stop(): void {
    this.#send = undefined;
    this.#cancelWait?.();
  }

  /** Takes back what has not been answered. If it was under way, it may have been done all the same. */
  async discard(key: string): Promise<void> {
    const listed = this.#deps.list.items.find(({ item }) => item.key === key);
    if (listed) await this.#remove(listed);
  }

  /** It is gone from the list at once, and from the device a moment later. */
  #remove(listed: Listed<Queued>): Promise<void> {
    const removed = this.#deps.list.remove(listed);
    this.#deps.changed();
    return removed;
  }

  #pump(): void {
    if (this.#pumping || this.#cancelWait) return;
    this.#pumping = this.#sendAll()
      .catch(this.#deps.report)
      .finally(() => {
        this.#pumping = undefined;
        // Whatever came in, or began anew, while the last one was being put away.
        if (this.#send && this.#deps.list.items.length > 0) this.#pump();
      });
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const send = this.#send;
      const [first] = this.#deps.list.items;
      if (!send || !first) return;
      if (!(await this.#sendOne(send, first))) return;
    }
  }

  /** Whether the next one may follow. */
  async #sendOne(send: Send<Answer>, listed: Listed<Queued>): Promise<boolean> {
    const { done, refused } = this.#deps;
    const { item } = listed;
    try {
      const answer = await send(item);
      done(item, answer);
    } catch (error) {
      if (!(error instanceof Refused) || isForNow(error)) return this.#waitAfter(send, error);
      refused(item, error);
    }
    this.#tries = 0;
    // Should the device fail at this, the command is asked again some day, and answered as it was.
    await this.#remove(listed).catch(this.#deps.report);
    return true;
  }

  /** False: the next try comes later, or with the next connection. */
  #waitAfter(send: Send<Answer>, error: unknown): boolean {
    if (send !== this.#send) return this.#send !== undefined;
    this.#tries += 1;
    const { platform, report } = this.#deps;
    // A mistake of our own: the command is not to blame, and may work in the next version of the app.
    if (!isForNow(error)) report(error);
    const cancel = platform.after(waitAfter(error, this.#tries, platform.random), () => {
      this.#cancelWait = undefined;
      this.#pump();
    });
    this.#cancelWait = () => {
      cancel();
      this.#cancelWait = undefined;
    };
    return false;
  }
}

export const isQueued = (value: unknown): value is Queued =>
  isRecord(value) &&
  typeof value["key"] === "string" &&
  typeof value["pairId"] === "string" &&
  typeof value["at"] === "number" &&
  isRecord(value["payload"]) &&
  COMMANDS.some((name) => name === value["name"]);

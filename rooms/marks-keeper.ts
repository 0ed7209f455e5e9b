import type { Marks } from "../domain/room/marks.ts";
import { noMarks } from "../domain/room/marks.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import type { Report } from "./replies.ts";

export interface KnownMarks extends Marks {
  readonly pairId: PairId;
  readonly userId: UserId;
}

/** Where watermarks are stored; a stored mark never goes back. */
export interface MarkStore {
  marks(pairId: PairId): Promise<ReadonlyMap<UserId, Marks>>;
  /** All of them in one statement. */
  raise(marks: readonly KnownMarks[]): Promise<void>;
}

/** "Stored within a second": half of it to gather, half of it to write. */
const GATHER_MS = 500;

/**
 * How far each has read, of all rooms of the process. Marks are answered at once and stored together a moment later: a
 * crash may take that moment back, and devices report again when they return.
 */
export class MarksKeeper {
  readonly #store: MarkStore;
  readonly #report: Report;
  #dirty = new Map<string, KnownMarks>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: MarkStore, report: Report) {
    this.#store = store;
    this.#report = report;
  }

  /** As stored, or as they will be. */
  async of(pairId: PairId): Promise<(userId: UserId) => Marks> {
    const stored = await this.#store.marks(pairId);
    return (userId) => this.#dirty.get(nameOf(pairId, userId)) ?? stored.get(userId) ?? noMarks;
  }

  remember(marks: KnownMarks): void {
    this.#dirty.set(nameOf(marks.pairId, marks.userId), marks);
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS).unref();
  }

  /** Stores what is not stored yet. Never rejects: what could not be stored is tried again. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const marks = [...this.#dirty.values()];
    if (marks.length === 0) return;
    try {
      await this.#store.raise(marks);
      for (const mark of marks) this.#forget(mark);
    } catch (error) {
      this.#report(error);
      this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS).unref();
    }
  }

  /** Unless it moved on meanwhile. */
  #forget(mark: KnownMarks): void {
    const name = nameOf(mark.pairId, mark.userId);
    if (this.#dirty.get(name) === mark) this.#dirty.delete(name);
  }
}

const nameOf = (pairId: PairId, userId: UserId): string => `${pairId}/${userId}`;

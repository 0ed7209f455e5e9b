import type { Report } from "./replies.ts";

export interface Refreshable {
  /** Reads who its people are by now. */
  refreshPeople(): Promise<void>;
}

export interface RefreshingDeps<R> {
  readonly isPresent: (room: R) => boolean;
  readonly report: Report;
}

/** After a look that failed: nobody would come to say again that there was something to see. */
const AGAIN_MS = 1000;

/**
 * What rooms remember of their people is looked up anew when it changed: one look at a time, since of two the older one
 * could be answered last; once more for whatever changed meanwhile; and until one succeeds.
 */
export class Refreshing<R extends Refreshable> {
  readonly #deps: RefreshingDeps<R>;
  readonly #stale = new Set<R>();
  readonly #looking = new Set<R>();

  constructor(deps: RefreshingDeps<R>) {
    this.#deps = deps;
  }

  refresh(room: R): void {
    this.#stale.add(room);
    if (!this.#looking.has(room)) void this.#look(room);
  }

  async #look(room: R): Promise<void> {
    this.#looking.add(room);
    let isReported = false;
    while (this.#stale.delete(room) && this.#deps.isPresent(room)) {
      try {
        await room.refreshPeople();
      } catch (error) {
        if (!isReported) this.#deps.report(error);
        isReported = true;
        this.#stale.add(room);
        await later(AGAIN_MS);
      }
    }
    this.#looking.delete(room);
  }
}

const later = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref());

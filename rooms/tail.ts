import type { Change } from "../domain/history.ts";

/** Changes kept: an absence of a few minutes reads nothing from the database. */
const KEPT = 200;

/** The latest changes of a room, oldest first: which message, how, at which version. No words. */
export class Tail {
  #changes: Change[] = [];
  /** Every change above this version is here. */
  #since: number;

  constructor(version: number) {
    this.#since = version;
  }

  add(change: Change): void {
    this.#changes.push(change);
    // Cut in halves, not one by one: moving a list for every message would cost more than it saves.
    if (this.#changes.length < 2 * KEPT) return;
    const gone = this.#changes.splice(0, KEPT).at(-1);
    this.#since = Math.max(this.#since, gone?.version ?? 0);
  }

  /** All that changed after `version`; undefined if that is further back than is kept. */
  after(version: number): readonly Change[] | undefined {
    if (version < this.#since) return undefined;
    return this.#changes.filter((change) => change.version > version);
  }
}

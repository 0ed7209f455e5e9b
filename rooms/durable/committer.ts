import { type Append, type Journal, Poison } from "./journal.ts";

/** Enough to share one flush between many pairs; twice as many are no faster, and everybody waits for them. */
const ROWS_PER_BATCH = 500;

/** `unsure`: it did not get in, or nobody knows; the room must look. `poisoned`: it never will. */
export type Outcome = "written" | "unsure" | "poisoned";

interface Waiting<Event, Fact> {
  readonly append: Append<Event, Fact>;
  readonly tell: (outcome: Outcome) => void;
}

/** What one write was, for whoever measures: how many appends and rows, and how long it took. */
export interface Batch {
  readonly appends: number;
  readonly rows: number;
  readonly left: number;
  readonly outcome: Outcome;
}

export interface CommitterDeps<Event, Fact> {
  readonly journal: Pick<Journal<Event, Fact>, "append">;
  readonly report: (error: unknown) => void;
  readonly observe?: (batch: Batch) => void;
  readonly rowsPerBatch?: number;
  /** One turn of the event loop. */
  readonly turn?: () => Promise<unknown>;
}

/**
 * Writes the appends of all rooms, as many together as are waiting when the write before returns. There is no timer:
 * an idle system commits at once, and a busy one gathers while it writes.
 */
export class Committer<Event, Fact> {
  readonly #deps: CommitterDeps<Event, Fact>;
  readonly #rowsPerBatch: number;
  /** Between two writes, so that those just answered, and whose words have arrived meanwhile, are in the next one. */
  readonly #turn: () => Promise<unknown>;
  #waiting: Waiting<Event, Fact>[] = [];
  #isBusy = false;

  constructor(deps: CommitterDeps<Event, Fact>) {
    this.#deps = deps;
    this.#rowsPerBatch = deps.rowsPerBatch ?? ROWS_PER_BATCH;
    this.#turn = deps.turn ?? (() => new Promise(setImmediate));
  }

  /** Never rejects: a room must hear how its append fared. */
  submit(append: Append<Event, Fact>): Promise<Outcome> {
    const { promise, resolve: tell } = Promise.withResolvers<Outcome>();
    this.#waiting.push({ append, tell });
    if (!this.#isBusy) void this.#drain();
    return promise;
  }

  async #drain(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) {
      await this.#write(this.#take());
      await this.#turn();
    }
    this.#isBusy = false;
  }

  /**
   * First come, first served, one append a pair: rows of one pair cannot follow each other in one statement. A room has
   * one append under way at most and its next one queues behind everybody else's, so a flood delays only itself.
   */
  #take(): Waiting<Event, Fact>[] {
    const batch: Waiting<Event, Fact>[] = [];
    const pairs = new Set<string>();
    let rows = 0;
    this.#waiting = this.#waiting.filter((one) => {
      const { pairId, entries } = one.append;
      const fits = rows === 0 || rows + entries.length <= this.#rowsPerBatch;
      if (!fits || pairs.has(pairId)) return true;
      batch.push(one);
      pairs.add(pairId);
      rows += entries.length;
      return false;
    });
    return batch;
  }

  async #write(batch: readonly Waiting<Event, Fact>[]): Promise<void> {
    try {
      const written = await this.#deps.journal.append(batch.map(({ append }) => append));
      this.#observe(batch, "written", batch.length - written.size);
      for (const { append, tell } of batch) tell(written.has(append.pairId) ? "written" : "unsure");
    } catch (error) {
      if (error instanceof Poison && batch.length > 1) return this.#writeApart(batch);
      this.#deps.report(error);
      const outcome = error instanceof Poison ? "poisoned" : "unsure";
      this.#observe(batch, outcome, 0);
      for (const { tell } of batch) tell(outcome);
    }
  }

  /** One append spoils the batch: halved until it stands alone, while the innocent go on sharing their flush. */
  async #writeApart(batch: readonly Waiting<Event, Fact>[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.#write(batch.slice(0, middle));
    await this.#write(batch.slice(middle));
  }

  #observe(batch: readonly Waiting<Event, Fact>[], outcome: Outcome, left: number): void {
    const rows = batch.reduce((sum, { append }) => sum + append.entries.length, 0);
    this.#deps.observe?.({ appends: batch.length, rows, left, outcome });
  }
}

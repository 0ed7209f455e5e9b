import { Refusal } from "../domain/refusal.ts";
import type { PairId } from "../schema/wire/ids.ts";
import { NotDone } from "./durable/journal.ts";
import type { LastError } from "./neighbours.ts";

/** Of so many pairs it is remembered, in some hundred kilobytes at most; of others it is in the log. */
const MOST = 1000;

/** Names that programs give to errors. Whatever else stands there might be anybody's words. */
const KIND = /^[A-Za-z]\w{0,59}$/;

/**
 * What last went wrong in each pair's room here, for whoever looks after it. It outlives the room: one that could not be
 * opened is asked about most. What somebody is refused by the rules is no error.
 */
export class LastErrors {
  readonly #now: () => number;
  /** The oldest first. */
  readonly #errors = new Map<PairId, LastError>();

  constructor(now: () => number) {
    this.#now = now;
  }

  hear(pairId: PairId, error: unknown): void {
    const code = codeOf(error);
    if (code === undefined) return;
    this.#errors.delete(pairId);
    this.#errors.set(pairId, { code, kind: kindOf(error), at: this.#now() });
    const [oldest] = this.#errors.size > MOST ? this.#errors.keys() : [];
    if (oldest) this.#errors.delete(oldest);
  }

  of(pairId: PairId): LastError | null {
    return this.#errors.get(pairId) ?? null;
  }
}

/** What whoever asked heard; a key that was used for something else is theirs to mend. */
function codeOf(error: unknown): LastError["code"] | undefined {
  if (error instanceof Refusal) return undefined;
  if (!(error instanceof NotDone) || error.why === "poisoned") return "INTERNAL_SERVER_ERROR";
  return error.why === "unavailable" ? "UNAVAILABLE" : undefined;
}

/** Of what lies behind, as far down as there is anything: that is what went wrong. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return "Error";
  if (error.cause instanceof Error) return kindOf(error.cause);
  return KIND.test(error.name) ? error.name : "Error";
}

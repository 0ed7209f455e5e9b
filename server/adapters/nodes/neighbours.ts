import { Elsewhere, type Neighbours, type Owner, type Verdict } from "../../../rooms/neighbours.ts";
import { ANSWER_MS, type Neighbour, NoWay, type NoWayWhy } from "../pipe/pipe.ts";
import { askNode, roomsAt } from "./asking.ts";
import type { Calls } from "./calls.ts";
import { CALLS } from "./wire.ts";

/** Three beats that did not come. */
const DEAD_MS = 1500;

/** A beat is due every half second: who has said so within that lives as far as anybody can know, and need not be asked. */
const FRESH_MS = 650;

/** How often the list is looked at while somebody does not answer. */
const LOOK_MS = 250;

/** One of them may have been lost. */
const QUESTIONS = 2;

/** What was found out is good for that long: a crowd that arrives at once asks once. */
const ALIVE_FOR_MS = 300;
const OUT_OF_REACH_FOR_MS = 500;

/** By then the list says so, too. */
const DEAD_FOR_MS = 2000;

/** Long enough for whoever asks every few seconds to see it. */
const MISSED_FOR_MS = 30_000;

const GOOD_FOR_MS: Readonly<Record<Verdict, number>> = {
  alive: ALIVE_FOR_MS,
  dead: DEAD_FOR_MS,
  "out of reach": OUT_OF_REACH_FOR_MS,
};

export interface NeighboursDeps {
  readonly calls: Pick<Calls, "call">;
  /** How long ago that process was last heard of, by the database's clock; undefined if it is on no list. */
  readonly silenceOf: (processId: string) => Promise<number | undefined>;
  /** Hears of each that is taken for dead. */
  readonly died: (processId: string) => void;
  readonly wait: (ms: number) => Promise<unknown>;
  /** Milliseconds, by a clock that nobody sets. */
  readonly monotonic: () => number;
}

interface Judged {
  readonly verdict: Promise<Verdict>;
  until: number;
}

/**
 * The other processes, as far as they can be told alive or dead from here. A wrong verdict costs a pair a move, never a
 * word: the epoch decides who writes.
 */
export class ClusterNeighbours implements Neighbours {
  readonly #deps: NeighboursDeps;
  readonly #judged = new Map<string, Judged>();
  /** Those who have answered us once: if they refuse, they are gone. */
  readonly #met = new Set<string>();
  /** Those whom a call did not reach lately: they are asked before they are believed alive. */
  readonly #doubted = new Set<string>();
  /** When each was last found out of reach. */
  readonly #outOfReach = new Map<string, number>();

  constructor(deps: NeighboursDeps) {
    this.#deps = deps;
  }

  of(owner: Owner) {
    // What was found out about it may be over.
    const doubt = () => {
      this.#judged.delete(owner.processId);
      this.#doubted.add(owner.processId);
    };
    const { calls } = this.#deps;
    const watched: Pick<Calls, "call"> = { call: (...asked) => this.#whileBeating(owner, calls.call(...asked)) };
    return roomsAt(watched, neighbourOf(owner), doubt);
  }

  judge(owner: Owner): Promise<Verdict> {
    const { monotonic } = this.#deps;
    const known = this.#judged.get(owner.processId);
    if (known && monotonic() < known.until) return known.verdict;
    this.#forgetOld();
    const judged: Judged = { verdict: this.#judge(owner), until: Number.POSITIVE_INFINITY };
    this.#judged.set(owner.processId, judged);
    const settle = (forMs: number) => {
      judged.until = monotonic() + forMs;
    };
    judged.verdict.then(
      (verdict) => {
        settle(GOOD_FOR_MS[verdict]);
        if (verdict === "out of reach") this.#outOfReach.set(owner.processId, monotonic());
        else this.#outOfReach.delete(owner.processId);
        if (verdict === "dead") this.#bury(owner.processId);
      },
      () => settle(0),
    );
    return judged.verdict;
  }

  /** How many that live could not be reached lately; nobody tries for who is gone, and they are not missed for ever. */
  get outOfReach(): number {
    const since = this.#deps.monotonic() - MISSED_FOR_MS;
    for (const [processId, at] of this.#outOfReach) if (at < since) this.#outOfReach.delete(processId);
    return this.#outOfReach.size;
  }

  /** Asks it whether it is there; undefined if it is, otherwise why not. */
  async reach(neighbour: Neighbour): Promise<NoWayWhy | undefined> {
    try {
      await askNode(this.#deps.calls, neighbour, CALLS.alive, {}, ANSWER_MS);
      this.met(neighbour);
      return undefined;
    } catch (error) {
      return error instanceof NoWay ? error.why : "silent";
    }
  }

  /** It was reached: should it refuse some day, it is gone. */
  met({ processId }: Neighbour): void {
    this.#met.add(processId);
  }

  async #judge(owner: Owner): Promise<Verdict> {
    const { silentMs, processId } = owner;
    if (silentMs === null || silentMs > DEAD_MS) return "dead";
    if (silentMs < FRESH_MS && this.#met.has(processId) && !this.#doubted.delete(processId)) return "alive";
    const neighbour = neighbourOf(owner);
    let why: NoWayWhy | undefined;
    for (let question = 0; question < QUESTIONS; question++) {
      why = await this.reach(neighbour);
      if (why === undefined) return "alive";
      if (why === "refused" && this.#met.has(processId)) return "dead";
    }
    if (!(await this.#isBeating(processId))) return "dead";
    // It has more to do than it can: whoever waits for it will be served.
    return why === "silent" && this.#met.has(processId) ? "alive" : "out of reach";
  }

  /** It does not answer. If it goes on saying to the database that it lives, it does; if not, that is soon known. */
  async #isBeating(processId: string): Promise<boolean> {
    const { wait, silenceOf } = this.#deps;
    for (;;) {
      const silentMs = await silenceOf(processId);
      if (silentMs === undefined || silentMs > DEAD_MS) return false;
      if (silentMs < FRESH_MS) return true;
      await wait(LOOK_MS);
    }
  }

  /** A call to somebody who falls silent meanwhile is not waited for. */
  async #whileBeating<T>({ processId }: Owner, called: Promise<T>): Promise<T> {
    const { wait, silenceOf } = this.#deps;
    const answered = called.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    for (;;) {
      const first = await Promise.race([answered, wait(FRESH_MS).then(() => undefined)]);
      if (first && "error" in first) throw first.error;
      if (first) return first.value;
      const silentMs = await silenceOf(processId);
      if (silentMs === undefined || silentMs > DEAD_MS) throw new Elsewhere(`${processId} fell silent`);
    }
  }

  /** Should it come back it is met anew. */
  #bury(processId: string): void {
    this.#met.delete(processId);
    this.#doubted.delete(processId);
    this.#deps.died(processId);
  }

  #forgetOld(): void {
    const now = this.#deps.monotonic();
    for (const [processId, { until }] of this.#judged) if (until < now) this.#judged.delete(processId);
  }
}

const neighbourOf = ({ processId, address }: Owner): Neighbour => ({ processId, address: address ?? "" });

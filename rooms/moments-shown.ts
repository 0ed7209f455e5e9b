import { dayOfPair, nextDayOfPair } from "../domain/room/pair-day.ts";
import { momentsOn, momentsTotal, type Twintuition } from "../domain/room/twintuition-history.ts";
import type { PairState } from "../schema/state/pair-state.ts";

export interface MomentsShownDeps {
  readonly state: PairState["twintuition"];
  readonly now: () => number;
  /** Where the two live. */
  readonly zones: () => readonly string[];
  readonly patch: () => void;
}

/** A clock that is a little slow must not look a moment before midnight. */
const AFTER_MIDNIGHT_MS = 1000;

/** What the state tells of moments: the newest, how many, and how many of the day that it is for the pair. */
export class MomentsShown {
  readonly #deps: MomentsShownDeps;
  #shown: Twintuition | undefined;
  #midnight: NodeJS.Timeout | undefined;

  constructor(deps: MomentsShownDeps) {
    this.#deps = deps;
  }

  show(twintuition: Twintuition): void {
    if (this.#shown && this.#shown.latest === twintuition.latest) return;
    this.#shown = twintuition;
    this.refresh();
  }

  /** The day may have turned, or one of the two may live elsewhere by now. */
  refresh(): void {
    clearTimeout(this.#midnight);
    if (!this.#shown) return;
    const { state, now, zones, patch } = this.#deps;
    const { latest } = this.#shown;
    const at = now();
    state.lastMomentId = latest?.id;
    state.lastMomentAt = latest && new Date(latest.at).toISOString();
    state.momentsTotal = momentsTotal(this.#shown);
    // Most have none, and a look at two wall clocks costs more than everything else here.
    state.momentsToday = latest ? momentsOn(this.#shown, dayOfPair(at, zones())) : 0;
    patch();
    if (state.momentsToday === 0) return;
    const leftMs = nextDayOfPair(at, zones()) - at + AFTER_MIDNIGHT_MS;
    this.#midnight = setTimeout(() => this.refresh(), leftMs).unref();
  }

  stop(): void {
    clearTimeout(this.#midnight);
    this.#shown = undefined;
  }
}

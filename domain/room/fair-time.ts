/**
 * When somebody pressed, though their message took its time and their clock shows what it likes. What the device says
 * only chooses a point within what we measured ourselves: whoever lies moves their press nowhere beyond the uncertainty
 * that is stated with it. All times are milliseconds since 1970 by the server's clock, unless said otherwise.
 */

/** Nobody's network is waited for longer: a press that was longer on its way counts as if it had not been. */
export const LONGEST_TRIP_MS = 2000;

/** More would remember a network that the phone has left. */
const REMEMBERED = 8;

/** What cheap clocks lose or gain, and then some: so much of the time since they were compared. */
const DRIFT = 1e-4;

interface Span {
  readonly low: number;
  readonly high: number;
}

/** How a command came: when, how long it may have been on its way, and what is known of the device's clock. */
export interface Arrival {
  readonly at: number;
  readonly tripMs: number;
  /** How far the device's clock is ahead of ours. */
  readonly ahead: Span | undefined;
}

/** Over HTTP nothing is measured, and connections are made on the way. */
export const unmeasured = (at: number): Arrival => ({ at, tripMs: LONGEST_TRIP_MS, ahead: undefined });

export interface Instant {
  readonly at: number;
  /** It was then, or this much earlier or later at most. */
  readonly uncertaintyMs: number;
}

/**
 * It was pressed while its message was on its way: that is ours to say. Where in that time, the device says, as well as
 * we know its clock; a claim that lies outside counts as the end it lies nearest to. The uncertainty reaches to the
 * farther end, for nothing that was claimed makes it smaller.
 */
export function instantOf({ at: arrivedAt, tripMs, ahead }: Arrival, pressedAt: number | undefined): Instant {
  const possible = { low: arrivedAt - tripMs, high: arrivedAt };
  const claimed =
    pressedAt === undefined || !ahead ? possible : { low: pressedAt - ahead.high, high: pressedAt - ahead.low };
  const at = Math.round((within(possible, claimed.low) + within(possible, claimed.high)) / 2);
  return { at, uncertaintyMs: Math.ceil(Math.max(at - possible.low, possible.high - at)) };
}

const within = ({ low, high }: Span, value: number): number => Math.min(high, Math.max(low, value));

interface Sample extends Span {
  readonly at: number;
}

/**
 * What is known of one connection. Round trips are measured by ourselves, with pings whose answer nobody can guess; a
 * device can answer late, and thereby make its own presses less certain, but never early.
 */
export class LinkClock {
  #asked: readonly { readonly word: string; readonly at: number }[] = [];
  #trips: number[] = [];
  #samples: Sample[] = [];
  /** When the newest ping left that was answered: whatever arrives now was sent after it arrived there. */
  #echoedAt = Number.NEGATIVE_INFINITY;

  /** Whether another round trip would tell more. */
  get isLearning(): boolean {
    return this.#trips.length < REMEMBERED;
  }

  pinged(word: string, at: number): void {
    this.#asked = [...this.#asked, { word, at }].slice(-REMEMBERED);
  }

  ponged(word: string, at: number): void {
    const asked = this.#asked.find((one) => one.word === word);
    if (!asked) return;
    this.#asked = this.#asked.filter((one) => one !== asked);
    this.#echoedAt = Math.max(this.#echoedAt, asked.at);
    this.#trips = [...this.#trips, Math.max(0, at - asked.at)].slice(-REMEMBERED);
  }

  /**
   * Its clock showed `t0` when it asked, and ours `at` when we heard it. It asked before it was heard, and after it had
   * answered the newest ping that we have an answer to.
   */
  synced(t0: number, at: number): void {
    if (!Number.isFinite(t0)) return;
    const low = t0 - at;
    const wayMs = Math.max(0, Math.min(this.#tripMs, at - this.#echoedAt));
    this.#samples = [...this.#samples, { low, high: low + wayMs, at }].slice(-REMEMBERED);
    // Samples that contradict each other are of a clock that was set meanwhile, or of a liar: the newest one counts.
    if (!this.#ahead(at)) this.#samples = this.#samples.slice(-1);
  }

  arrival(at: number): Arrival {
    return { at, tripMs: this.#tripMs, ahead: this.#ahead(at) };
  }

  /** The longest of the latest ones: a press may have been as unlucky as any of them. */
  get #tripMs(): number {
    return this.#trips.length === 0 ? LONGEST_TRIP_MS : Math.min(LONGEST_TRIP_MS, Math.max(...this.#trips));
  }

  /** What all samples agree on; the older they are, the less they say. */
  #ahead(now: number): Span | undefined {
    if (this.#samples.length === 0) return undefined;
    const drift = ({ at }: Sample) => Math.max(0, now - at) * DRIFT;
    const low = Math.max(...this.#samples.map((sample) => sample.low - drift(sample)));
    const high = Math.min(...this.#samples.map((sample) => sample.high + drift(sample)));
    return low <= high ? { low, high } : undefined;
  }
}

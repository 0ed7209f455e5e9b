import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../tests/support/random.ts";
import { LeanPhone } from "./cluster-phone.ts";
import type { SoakWorld } from "./soak-world.ts";

/** How long one of them stays before it hangs up and comes again. */
const STAY_MS = { least: 45_000, most: 240_000 };
const AWAY_MS = 20_000;

/** Pairs of whom one has the app open and listens: they come and go, and whoever is cut off comes again. */
export class Crowd {
  readonly #world: SoakWorld;
  readonly #random: Random;
  readonly #over = new AbortController();
  readonly #phones = new Set<LeanPhone>();
  readonly #lives: Promise<void>[];
  joins = 0;

  constructor(world: SoakWorld, size: number, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#lives = Array.from({ length: size }, (_, pair) => this.#live(pair));
  }

  get here(): number {
    return [...this.#phones].filter(({ isOpen }) => isOpen).length;
  }

  /** All of them go. The servers must be well, or whoever is about to come never does. */
  async leave(): Promise<void> {
    this.#over.abort();
    for (const phone of this.#phones) phone.cut();
    await Promise.all(this.#lives);
  }

  async #live(pair: number): Promise<void> {
    const twin = this.#random.percent(50) ? 0 : 1;
    // One for all visits: a new one each time would be a crowd of ever new phones.
    const token = this.#world.tokenOf(pair, twin);
    await this.#pause(this.#random.below(AWAY_MS));
    for (let visit = 0; !this.#over.signal.aborted; visit++) {
      const phone = new LeanPhone({ port: this.#world.wire.port, token, deviceId: `phone-${visit % 2}` });
      this.#phones.add(phone);
      await phone.come();
      this.joins += 1;
      const { least, most } = STAY_MS;
      await Promise.race([phone.gone, this.#pause(least + this.#random.below(most - least))]);
      const isCutOff = !phone.isOpen;
      phone.cut();
      this.#phones.delete(phone);
      await this.#pause(isCutOff ? this.#random.below(2000) : this.#random.below(AWAY_MS));
    }
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }
}

import { type Storage, Twinship } from "../client/index.ts";
import { Observed } from "../client/observed.ts";
import { Plug } from "./plug.ts";

export type Side = "left" | "right";

/** What can be told of a phone from outside. */
export interface PhoneNow {
  readonly twinship: Twinship | undefined;
  readonly isPlugged: boolean;
  /** Put away: its screen is dark, and it says so. */
  readonly isInPocket: boolean;
  readonly problem: string | undefined;
}

export interface PhoneMeans {
  readonly url: string;
  readonly storage: Storage;
  readonly side: Side;
  /** 1: the phone; 2: the second device of the same person. */
  readonly number: number;
}

/** One phone on the desk, with its own network, storage and pocket. */
export class PhoneDevice {
  readonly side: Side;
  readonly number: number;
  readonly now: Observed<PhoneNow>;
  /** How far it knows. */
  readonly standing: Observed<{ readonly version: number }>;
  readonly #means: PhoneMeans;
  readonly #plug: Plug;
  #twinship: Twinship | undefined;
  #isInPocket = false;
  #isInFront = true;
  #problem: string | undefined;

  constructor(means: PhoneMeans) {
    this.#means = means;
    this.side = means.side;
    this.number = means.number;
    this.#plug = new Plug(means.url);
    this.now = new Observed<PhoneNow>(
      () => ({
        twinship: this.#twinship,
        isPlugged: this.#plug.isIn,
        isInPocket: this.#isInPocket,
        problem: this.#problem,
      }),
      NOBODY_TELLS,
    );
    this.standing = new Observed(() => ({ version: this.#twinship?.room?.version ?? 0 }), NOBODY_TELLS);
  }

  get id(): string {
    return `${this.side}-${this.number}`;
  }

  get twinship(): Twinship | undefined {
    return this.#twinship;
  }

  /** With all that it kept from last time; signed in if it was. */
  async open(): Promise<Twinship> {
    const { url, storage } = this.#means;
    const { platform, connect } = this.#plug;
    const deviceName = `${this.number === 1 ? "Phone" : "Tablet"} on the ${this.side}`;
    const twinship = await Twinship.open({
      ...{ url, platform, connect, deviceName },
      storage: storageUnder(`two-phones.${this.id}.`, storage),
    });
    this.#twinship = twinship;
    for (const event of MOVING) twinship.chat.on(event, this.standing.changed);
    this.now.changed();
    return twinship;
  }

  /** By its own network, which may be pulled; from the page's own server. */
  fetch(path: string, init: RequestInit): Promise<Response> {
    return this.#plug.platform.fetch(`${this.#means.url}${path}`, init);
  }

  fail(problem: string | undefined): void {
    this.#problem = problem;
    this.now.changed();
  }

  setPlug(isIn: boolean): void {
    if (isIn) {
      this.#plug.push();
      this.#twinship?.wake();
    } else this.#plug.pull();
    this.now.changed();
  }

  setPocket(isIn: boolean): void {
    this.#isInPocket = isIn;
    this.#sayPresence();
    this.now.changed();
  }

  /** The window it is in was hidden, or is in front again. */
  setInFront(isInFront: boolean): void {
    this.#isInFront = isInFront;
    this.#sayPresence();
    if (isInFront && this.#plug.isIn) this.#twinship?.wake();
  }

  #sayPresence(): void {
    this.#twinship?.room?.presence(this.#isInPocket || !this.#isInFront ? "away" : "online");
  }

  async close(): Promise<void> {
    await this.#twinship?.close();
  }
}

/** It is told by hand. */
const NOBODY_TELLS = () => () => undefined;

const MOVING = ["window", "message", "changed", "done", "pair", "status"] as const;

/** Two phones share one browser's storage, each under its own names. */
const storageUnder = (prefix: string, storage: Storage): Storage => ({
  getItem: (name) => storage.getItem(prefix + name),
  setItem: (name, value) => storage.setItem(prefix + name, value),
  removeItem: (name) => storage.removeItem(prefix + name),
});

import { isMessage, type RoomEvent, type RoomFact } from "../../domain/room/rules.ts";
import { type Append, type Ask, type Journal, Poison } from "../../rooms/durable/journal.ts";
import type { MemoryJournal } from "./memory-journal.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/** Text that no database would take. */
export const POISON = "poison";

const FAULTS = ["never arrived", "reply lost", "arrived late", "row held", "read failed", "poisoned"] as const;
export type Fault = (typeof FAULTS)[number];

export interface Trouble {
  /** Of a hundred calls, how many go wrong. */
  percent: number;
  readonly fired: Map<Fault, number>;
}

export const noTrouble = (): Trouble => ({ percent: 0, fired: new Map(FAULTS.map((fault) => [fault, 0])) });

/** A journal at the end of a bad line. */
export class FaultyJournal implements Journal<RoomEvent, RoomFact> {
  readonly #journal: MemoryJournal;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #trouble: Trouble;

  constructor(journal: MemoryJournal, scheduler: Scheduler, random: Random, trouble: Trouble) {
    this.#journal = journal;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#trouble = trouble;
  }

  async append(appends: readonly Append<RoomEvent, RoomFact>[]): Promise<ReadonlySet<string>> {
    await this.#scheduler.pause();
    if (appends.some(isPoisonous)) this.#fire("poisoned", new Poison(POISON));
    if (!this.#random.percent(this.#trouble.percent)) return this.#inTime(appends);

    switch (this.#random.pick(["never arrived", "reply lost", "arrived late", "row held"])) {
      case "never arrived":
        return this.#fire("never arrived", new Error("connection refused"));
      case "reply lost":
        await this.#journal.append(appends);
        return this.#fire("reply lost", new Error("connection lost"));
      case "arrived late":
        void this.#scheduler.pause().then(() => this.#journal.append(appends));
        return this.#fire("arrived late", new Error("timeout"));
      case "row held":
        this.#count("row held");
        return this.#inTime(appends.filter(() => this.#random.percent(50)));
    }
  }

  newest = (pairId: string) => this.#read(() => this.#journal.newest(pairId));
  fence = (pairId: string, epoch: number, revision: number) =>
    this.#read(() => this.#journal.fence(pairId, epoch, revision));
  recall = (pairId: string, asks: readonly Ask[]) => this.#read(() => this.#journal.recall(pairId, asks));
  facts = (pairId: string, ids: readonly string[]) => this.#read(() => this.#journal.facts(pairId, ids));

  async #inTime(appends: readonly Append<RoomEvent, RoomFact>[]): Promise<ReadonlySet<string>> {
    const written = await this.#journal.append(appends);
    await this.#scheduler.pause();
    return written;
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    await this.#scheduler.pause();
    if (this.#random.percent(this.#trouble.percent / 2)) this.#fire("read failed", new Error("connection lost"));
    const result = await read();
    await this.#scheduler.pause();
    return result;
  }

  #fire(fault: Fault, error: Error): never {
    this.#count(fault);
    throw error;
  }

  #count(fault: Fault): void {
    this.#trouble.fired.set(fault, (this.#trouble.fired.get(fault) ?? 0) + 1);
  }
}

function isPoisonous({ facts }: Append<RoomEvent, RoomFact>): boolean {
  return facts.filter(isMessage).some(({ text }) => text === POISON);
}

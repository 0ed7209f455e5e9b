import { setTimeout as wait } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import type { PairedUp, SignedUp } from "../tests/support/entrance.ts";
import { checkHistory, type Observation, type Violation } from "../tests/support/history-checker.ts";
import type { Random } from "../tests/support/random.ts";
import { Talker } from "../tests/support/talker.ts";
import { type Answers, Errands } from "./soak-errands.ts";
import type { SoakWorld } from "./soak-world.ts";

/** What two said to each other from meeting to parting, and what the history checker finds in it. */
export interface Life {
  readonly pairId: string;
  readonly acknowledged: number;
  readonly observations: number;
  readonly violations: readonly Violation[];
  readonly gaps: readonly number[];
}

export interface CoupleOptions {
  readonly world: SoakWorld;
  readonly random: Random;
  readonly answers: Answers;
  /** Between an answer and the same phone's next command, as it is now. */
  readonly pauseMs: () => number;
  readonly over: AbortSignal;
  readonly lived: (life: Life) => void;
}

/** So many pairs the same two become, one after the other, before two others take their place. */
const LIVES = 5;
const LIFE_MS = { least: 50_000, most: 90_000 };
const ERRAND_MS = 3000;
const GUEST_MS = { least: 5000, most: 20_000 };

/** Longer than any fault, and than what comes after it. */
const PERSIST_MS = 120_000;
const AGAIN_MS = 500;

/** Two people: they meet, talk, part and meet again, until it is over; each of their pairs is judged and then forgotten. */
export class Couple {
  readonly #of: CoupleOptions;
  readonly #errands: Errands;
  /** The pair they are now. */
  pair: PairedUp | undefined;
  /** Who parts and meets again has the same history again, and the keys in it: phones of another life have other names. */
  #life = 0;

  constructor(of: CoupleOptions) {
    this.#of = of;
    this.#errands = new Errands(of.world.entrance, of.answers, of.random);
  }

  async live(): Promise<void> {
    const { over, world } = this.#of;
    while (!over.aborted) {
      this.pair = await persistently(() => world.entrance.pairUp());
      for (let life = 1; ; life++) {
        this.#of.lived(await this.#talk(this.pair));
        await this.#part(this.pair);
        if (over.aborted || life === LIVES) break;
        this.pair = await this.#meet(this.pair);
      }
      await this.#signOut(this.pair);
    }
  }

  /** One life of theirs as a pair. */
  async #talk(pair: PairedUp): Promise<Life> {
    const { random, over } = this.#of;
    this.#life += 1;
    const [record, ending]: [Observation[], AbortController] = [[], new AbortController()];
    const until = AbortSignal.any([over, ending.signal]);
    const talkers = [pair.ada, pair.bea].map((who) => this.#talker(who, pair, record, until, `home-${this.#life}`));
    const beside = [this.#goErrands(pair, until), this.#haveGuests(pair, record, until)];
    const talking = Promise.all([...talkers.map((talker) => talker.talk()), ...beside]);
    await pause(within(LIFE_MS, random), over);
    ending.abort();
    await talking;
    return await this.#judged(pair, talkers, record);
  }

  async #judged(pair: PairedUp, talkers: readonly Talker[], record: Observation[]): Promise<Life> {
    for (const who of [pair.ada, pair.bea]) await persistently(() => this.#errands.renew(who));
    for (const talker of talkers) await persistently(() => talker.settle());
    const truth = await persistently(() => this.#of.world.cluster.truthOf(pair));
    return {
      pairId: pair.pairId,
      acknowledged: talkers.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      observations: record.length,
      violations: checkHistory(record, new Map([[pair.pairId, truth]])),
      gaps: talkers.flatMap(({ gaps }) => gaps),
    };
  }

  #talker(who: SignedUp, { pairId }: PairedUp, record: Observation[], until: AbortSignal, device: string): Talker {
    const { random, pauseMs, world } = this.#of;
    const paced = () => pauseMs() * (0.5 + random.below(100) / 100);
    return new Talker(world.entrance, who, pairId, {
      seed: random.below(1e6),
      record,
      until,
      pauseMs: paced,
      device,
    });
  }

  /** A second phone of one of them, now and then and for a while. */
  async #haveGuests(pair: PairedUp, record: Observation[], until: AbortSignal): Promise<void> {
    for (let n = 1; !until.aborted; n++) {
      await pause(within(GUEST_MS, this.#of.random), until);
      if (until.aborted) return;
      const who = n % 2 === 0 ? pair.ada : pair.bea;
      const visit = AbortSignal.any([until, AbortSignal.timeout(within(GUEST_MS, this.#of.random))]);
      await this.#talker(who, pair, record, visit, `guest-${this.#life}-${n}`).talk();
    }
  }

  async #goErrands(pair: PairedUp, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await pause(this.#of.random.below(2 * ERRAND_MS), until);
      if (!until.aborted) await this.#errands.run(pair);
    }
  }

  /** It may have been done though nobody heard of it. */
  async #part({ ada }: PairedUp): Promise<void> {
    await persistently(async () => expected(await this.#errands.ask(ada, ["DELETE", "/twins"]), [200, 409]));
  }

  /** Who has no twin waits in a room of their own for the code to be typed in. */
  async #meet({ ada, bea }: PairedUp): Promise<PairedUp> {
    await persistently(() => this.#errands.renew(ada));
    await persistently(() => this.#errands.signIn(bea));
    const waiting = this.#wait(ada);
    await Promise.race([waiting, wait(PATIENCE_MS)]).catch(() => undefined);
    const pairId = await persistently(async () => {
      const { body: made } = expected(await this.#errands.ask(ada, ["POST", "/twins/code"]), [200, 201, 409]);
      if (made.code) expected(await this.#errands.ask(bea, ["POST", "/twins/pair", { code: made.code }]), [200, 409]);
      const { body } = expected(await this.#errands.ask(ada, ["GET", "/twins"]), [200]);
      if (!body.pair) throw new Error("They are no pair yet");
      return String(body.pair.id ?? body.pair.pairId);
    });
    waiting.then((room) => room.connection.close()).catch(() => undefined);
    return { pairId, ada, bea };
  }

  async #wait(who: SignedUp): Promise<Room> {
    const room = await this.#of.world.entrance.clientOf(who).joinOrCreate("waiting", { deviceId: "waiting" });
    room.reconnection.enabled = false;
    room.onMessage("*", () => undefined);
    return room;
  }

  async #signOut({ ada, bea }: PairedUp): Promise<void> {
    for (const who of [ada, bea]) await this.#errands.ask(who, ["POST", "/auth/logout", {}]).catch(() => undefined);
  }
}

const PATIENCE_MS = 3000;

/** Until it is done, as an app would go on trying. Throws what it failed with last. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PERSIST_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(AGAIN_MS);
    }
  }
}

function expected<T extends { status: number; body: unknown }>(answer: T, statuses: readonly number[]): T {
  if (statuses.includes(answer.status)) return answer;
  throw new Error(`answered ${answer.status} ${JSON.stringify(answer.body)}`);
}

const within = ({ least, most }: { least: number; most: number }, random: Random) => least + random.below(most - least);

const pause = (ms: number, until: AbortSignal) => wait(ms, undefined, { signal: until }).catch(() => undefined);

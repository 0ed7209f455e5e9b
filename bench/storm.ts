import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { backOff } from "../loadtest/answers.ts";
import { LeanPhone } from "./cluster-phone.ts";
import { Talkers } from "./cluster-talkers.ts";
import type { Talked } from "./cluster-talking.ts";
import { ClusterWorld, type Cpu, cpuBetween } from "./cluster-world.ts";
import { type Figures, figuresOf } from "./figures.ts";

/** A past that a phone has most of: it missed the last two. */
const MESSAGES = 20;
const MISSED = 2;

const STARVED = join(import.meta.dirname, "starved.ts");

const BYSTANDERS = 9;
const QUIET_MS = 8000;
const JOINS_AT_ONCE = 20;
const GIVE_UP_MS = 90_000;
const LOOK_AGAIN_MS = 10;

/** `cut`: all lines at once, as when a balancer or a mobile network goes. `killed`: one of the nodes, with all it holds. */
export type Blow = "cut" | "killed";

export interface StormFigures {
  readonly blow: Blow;
  readonly nodes: number;
  /** Lines that were lost. */
  readonly lost: number;
  /** From the blow until a phone was up to date again; p99 is what 99 % had by then. */
  readonly back: Figures;
  /** When each hundredth of them was back, from the first on. */
  readonly backAfterMs: readonly number[];
  readonly retried: number;
  /** Of these, sockets that a node had no way for. */
  readonly turnedAway: number;
  /** Bystanders' acknowledgements. */
  readonly quiet: Talked;
  readonly during: Talked;
  /** Seconds of CPU from the blow until all were back, and how long that was. */
  readonly cpu: Cpu;
  readonly seconds: number;
}

export interface StormSize {
  readonly nodes: number;
  readonly pairs: number;
  /** Whether the nodes are as busy as on a machine with far too much to do. */
  readonly isStarved?: boolean;
}

/** What happens when very many phones come back at once, to them and to those who only stand by. */
export async function measureStorm(
  { nodes, pairs, isStarved }: StormSize,
  blows: readonly Blow[],
  progress: (done: string) => void,
): Promise<StormFigures[]> {
  const world = await ClusterWorld.open({
    nodes,
    pairs: pairs + BYSTANDERS,
    messages: MESSAGES,
    ...(isStarved && { settings: { NODE_OPTIONS: `--import ${STARVED}` } }),
  });
  const storm = new Storm(world, await phonesOf(world, pairs));
  try {
    progress(`joining ${2 * pairs} sockets on ${nodes} nodes`);
    await storm.gather();
    const bystanders = await Talkers.start(world, pairs, pairs + BYSTANDERS);
    const figures: StormFigures[] = [];
    for (const blow of blows) {
      progress(`${blow}, after a quiet while`);
      await bystanders.figures();
      await wait(QUIET_MS);
      const quiet = await bystanders.figures();
      const struck = await storm.strike(blow);
      figures.push({ ...struck, blow, nodes, quiet, during: await bystanders.figures() });
      if (blow === "killed") await world.start(0);
    }
    await bystanders.stop();
    return figures;
  } finally {
    storm.end();
    await world.close();
  }
}

async function phonesOf(world: ClusterWorld, pairs: number): Promise<LeanPhone[]> {
  const known = { afterVersion: MESSAGES - MISSED, history: await world.history() };
  return Array.from({ length: 2 * pairs }, (_, n) => {
    const token = world.tokenOf(n >> 1, n % 2 === 0 ? 0 : 1);
    return new LeanPhone({ port: world.port, token, deviceId: "phone", known, missed: MISSED });
  });
}

function hundredthsOf(times: readonly number[]): number[] {
  const sorted = times.toSorted((a, b) => a - b);
  const last = (hundredth: number) => sorted[Math.ceil(((hundredth + 1) / 100) * sorted.length) - 1];
  return Array.from({ length: 100 }, (_, hundredth) => Math.round(last(hundredth) ?? Number.NaN));
}

class Storm {
  readonly #world: ClusterWorld;
  readonly #phones: readonly LeanPhone[];
  /** Since the last blow, in milliseconds from it. */
  #back: number[] = [];
  #struckAt = 0;
  #lost = 0;
  #away = 0;
  #isOver = false;

  constructor(world: ClusterWorld, phones: readonly LeanPhone[]) {
    this.#world = world;
    this.#phones = phones;
  }

  /** Everybody joins, a few at a time, and stays from then on. */
  async gather(): Promise<void> {
    const waiting = [...this.#phones];
    const worker = async () => {
      for (let phone = waiting.shift(); phone; phone = waiting.shift()) {
        await phone.come();
        void this.#stay(phone);
      }
    };
    await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker));
  }

  /** Nobody comes back any more: who would goes on asking for ever. */
  end(): void {
    this.#isOver = true;
    for (const phone of this.#phones) phone.giveUp();
  }

  async strike(
    blow: Blow,
  ): Promise<Pick<StormFigures, "lost" | "back" | "backAfterMs" | "retried" | "turnedAway" | "cpu" | "seconds">> {
    const before = this.#world.cpu();
    const [retriedBefore, turnedBefore] = [this.#retried, this.#turnedAway];
    this.#back = [];
    this.#lost = 0;
    this.#struckAt = performance.now();
    if (blow === "cut") for (const phone of this.#phones) phone.cut();
    else await this.#world.end(0, "SIGKILL");
    await this.#allBack();
    const seconds = (performance.now() - this.#struckAt) / 1000;
    const cpu = cpuBetween(before, this.#world.cpu());
    const back = figuresOf(this.#back, seconds);
    const backAfterMs = hundredthsOf(this.#back);
    const [retried, turnedAway] = [this.#retried - retriedBefore, this.#turnedAway - turnedBefore];
    return { lost: this.#lost, back, backAfterMs, retried, turnedAway, cpu, seconds };
  }

  get #retried(): number {
    return this.#phones.reduce((sum, { retried }) => sum + retried, 0);
  }

  get #turnedAway(): number {
    return this.#phones.reduce((sum, { turnedAway }) => sum + turnedAway, 0);
  }

  async #stay(phone: LeanPhone): Promise<void> {
    for (;;) {
      await phone.gone;
      if (this.#isOver) return;
      this.#lost += 1;
      this.#away += 1;
      await wait(backOff(1));
      await phone.come();
      this.#back.push(performance.now() - this.#struckAt);
      this.#away -= 1;
    }
  }

  async #allBack(): Promise<void> {
    const deadline = performance.now() + GIVE_UP_MS;
    // Whose node was killed hears of it a moment later.
    while (this.#lost === 0 || this.#away > 0 || !this.#phones.every(({ isOpen }) => isOpen)) {
      if (performance.now() > deadline) throw new Error(`${this.#away} phones were not back after ${GIVE_UP_MS} ms`);
      await wait(LOOK_AGAIN_MS);
    }
  }
}

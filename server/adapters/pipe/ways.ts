import type { Duplex } from "node:stream";
import { patience } from "./patience.ts";
import { ANSWER_MS, type Neighbour, NoWay, type NoWayWhy, type Pipes } from "./pipe.ts";

/** Where there is a way, a busy node may take that long to open it; who asks whether it lives does not wait for it. */
export const PATIENCE_MS = 3000;

/** So many times that, while it is heard of: in a crowd each node takes one connection after the other. */
const ROUNDS = 3;

/** Oldest first: processes come and go. */
const MOST_KNOWN = 1000;

/** Made anew with each pipe: whoever kept the last one can tell whether another was opened since. */
interface Known {
  readonly way: Pipes;
  /** How often something was heard of the process since then over pipes that are open. */
  heard: number;
}

/**
 * Several ways to the same processes, the quickest first. The one that led to a process is taken again, and if it then
 * leads nowhere that is the answer: to try all of them would only make a death slower to notice. Who is late for one and is
 * heard of by another is busy, and there: it is waited for, and its way is forgotten only if it opened for nobody meanwhile.
 */
export function ways(...all: readonly Pipes[]): Pipes {
  return new SeveralWays(all);
}

class SeveralWays implements Pipes {
  readonly #all: readonly Pipes[];
  readonly #known = new Map<string, Known>();

  constructor(all: readonly Pipes[]) {
    this.#all = all;
  }

  /** Where no way is known, who says `answerMs` waits for so long after the last of them was asked. */
  async open(to: Neighbour, signal?: AbortSignal, answerMs = ANSWER_MS): Promise<Duplex> {
    const known = this.#known.get(to.processId);
    const asked: Promise<Duplex>[] = [];
    const taken = known ? this.#again(asked, known, to, signal) : this.#inTurn(asked, to, answerMs, signal);
    try {
      return await taken;
    } finally {
      // Whoever answers later is known of, and its pipe is nobody's.
      for (const pipe of asked) void leave(pipe, taken);
    }
  }

  heard(processId: string): void {
    const known = this.#known.get(processId);
    if (known) known.heard += 1;
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((pipes) => pipes.close()));
  }

  async #again(asked: Promise<Duplex>[], before: Known, to: Neighbour, signal?: AbortSignal): Promise<Duplex> {
    asked.push(this.#ask(before.way, to, signal));
    try {
      const pipe = await this.#whileItIsHeardOf(asked, to, [before.way]);
      if (pipe) return pipe;
      throw new NoWay("silent", to);
    } catch (error) {
      // Where nobody listens any more no other way leads either, however often that is asked; who went away learnt nothing.
      const isForgotten = !isNoWay(error, "refused") && !signal?.aborted;
      if (isForgotten && this.#known.get(to.processId) === before) this.#known.delete(to.processId);
      throw error;
    }
  }

  /** Undefined once nothing was heard of it on these ways for a whole round, or in the end. */
  async #whileItIsHeardOf(
    asked: readonly Promise<Duplex>[],
    to: Neighbour,
    ways: readonly Pipes[],
  ): Promise<Duplex | undefined> {
    for (let round = 0; round < ROUNDS; round++) {
      const before = this.#known.get(to.processId);
      const heard = before?.heard ?? 0;
      const pipe = await within(PATIENCE_MS, anyOf(asked));
      const known = this.#known.get(to.processId);
      const isHeardOf = known !== undefined && ways.includes(known.way) && (known !== before || known.heard > heard);
      if (pipe || !isHeardOf) return pipe;
    }
    return undefined;
  }

  /** One way after the other has a moment to answer, and who was asked is listened to until the asker gives up. */
  async #inTurn(asked: Promise<Duplex>[], to: Neighbour, answerMs: number, signal?: AbortSignal): Promise<Duplex> {
    let why: unknown = new NoWay("unreachable", to);
    for (const way of this.#all) {
      const newest = this.#ask(way, to, signal);
      asked.push(newest);
      try {
        const pipe = await within(ANSWER_MS, Promise.race([newest, anyOf(asked)]));
        if (pipe) return pipe;
        why = new NoWay("silent", to);
      } catch (error) {
        why = error;
      }
      // Another node answered: the one we look for is not there, by whatever way.
      if (isNoWay(why, "gone")) throw why;
      if (this.#known.get(to.processId)?.way === way) break;
    }
    const pipe = await this.#longer(asked, to, answerMs - ANSWER_MS).catch(() => undefined);
    if (!pipe) throw why;
    return pipe;
  }

  /** If somebody else was answered meanwhile, so shall we be. */
  async #longer(asked: readonly Promise<Duplex>[], to: Neighbour, forMs: number): Promise<Duplex | undefined> {
    if (this.#known.has(to.processId)) return this.#whileItIsHeardOf(asked, to, this.#all);
    return forMs > 0 ? within(forMs, anyOf(asked)) : undefined;
  }

  async #ask(way: Pipes, to: Neighbour, signal?: AbortSignal): Promise<Duplex> {
    const pipe = await way.open(to, signal, ROUNDS * PATIENCE_MS);
    this.#remember(way, to);
    return pipe;
  }

  /** A quicker way stays known when a slower one answers as well. */
  #remember(way: Pipes, { processId }: Neighbour): void {
    const known = this.#known.get(processId);
    if (known && this.#all.indexOf(known.way) < this.#all.indexOf(way)) return;
    this.#known.set(processId, { way, heard: 0 });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}

const isNoWay = (error: unknown, why: NoWayWhy): boolean => error instanceof NoWay && error.why === why;

/** The first that opens; why the last did not, if none does. */
async function anyOf(asked: readonly Promise<Duplex>[]): Promise<Duplex> {
  try {
    return await Promise.any(asked);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors.at(-1) : error;
  }
}

/** Undefined once that was waited for it in vain. */
async function within<T>(ms: number, wanted: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = patience(ms, () => resolve(undefined));
  try {
    return await Promise.race([wanted, promise]);
  } finally {
    stop();
  }
}

/** Lets go of a pipe, should it ever open, if it is not the one that was taken. */
async function leave(pipe: Promise<Duplex>, taken: Promise<Duplex>): Promise<void> {
  const [opened, kept] = await Promise.allSettled([pipe, taken]);
  if (opened.status === "fulfilled" && !(kept.status === "fulfilled" && kept.value === opened.value)) {
    opened.value.destroy();
  }
}

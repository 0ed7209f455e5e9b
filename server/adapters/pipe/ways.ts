import type { Duplex } from "node:stream";
import { type Neighbour, NoWay, type Pipes } from "./pipe.ts";

/**
 * Several ways to the same processes, the quickest first. The one that led to a process is taken again, and if it then
 * leads nowhere that is the answer: to try all of them would only make a death slower to notice.
 */
export function ways(...all: readonly Pipes[]): Pipes {
  const known = new Map<string, Pipes>();
  return {
    async open(to, signal, answerMs) {
      const before = known.get(to.processId);
      if (before) return again(known, before, to, signal);
      return tryAll(known, all, to, signal, answerMs);
    },
    async close() {
      await Promise.all(all.map((pipes) => pipes.close()));
    },
  };
}

/** Where nobody listens any more no other way leads either, however often that is asked. */
async function again(known: Map<string, Pipes>, before: Pipes, to: Neighbour, signal?: AbortSignal): Promise<Duplex> {
  try {
    return await remembered(known, before, to, signal, PATIENCE_MS);
  } catch (error) {
    if (!(error instanceof NoWay && error.why === "refused")) known.delete(to.processId);
    throw error;
  }
}

async function tryAll(
  known: Map<string, Pipes>,
  [first, ...rest]: readonly Pipes[],
  to: Neighbour,
  signal?: AbortSignal,
  answerMs?: number,
): Promise<Duplex> {
  if (!first) throw new NoWay("unreachable", to);
  try {
    return await remembered(known, first, to, signal, answerMs);
  } catch (error) {
    // Another node answered: the one we look for is not there, by whatever way.
    if (rest.length === 0 || (error instanceof NoWay && error.why === "gone")) throw error;
    return tryAll(known, rest, to, signal, answerMs);
  }
}

/** Where there is a way, a busy node may take that long to open it; who asks whether it lives does not wait for it. */
export const PATIENCE_MS = 3000;

/** Oldest first: processes come and go. */
const MOST_KNOWN = 1000;

async function remembered(
  known: Map<string, Pipes>,
  pipes: Pipes,
  to: Neighbour,
  signal?: AbortSignal,
  answerMs?: number,
): Promise<Duplex> {
  const duplex = await pipes.open(to, signal, answerMs);
  known.set(to.processId, pipes);
  const [oldest] = known.keys();
  if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  return duplex;
}

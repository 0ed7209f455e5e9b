import { Refusal } from "../../../domain/refusal.ts";

/** With the pauses between, some quarter of a minute: a hiccup is not worth beginning a large copy anew. */
const TRIES = 5;
const FIRST_PAUSE_MS = 1000;

/** Milliseconds. */
export type Pause = (ms: number) => Promise<unknown>;

/** Asks a store again that does not answer, after pauses that double; then lets its refusal through. */
export async function patiently<T>(work: () => Promise<T>, pause: Pause): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || tries === TRIES) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** (tries - 1));
    }
  }
}

const isAway = (error: unknown): boolean => error instanceof Refusal && error.code === "UNAVAILABLE";

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { DrawReport } from "../../../domain/assessment-reports.ts";
import { Refusal } from "../../../domain/refusal.ts";

const THREAD = new URL("./thread.ts", import.meta.url);

/** So many wait; the next one is asked to come again. */
const MOST_WAITING = 20;

const AGAIN_MS = 5000;

/**
 * Draws one report at a time in a thread of its own, which also loads what it takes to draw: nobody's message waits for
 * it, and a server that draws nothing holds nothing. Throws UNAVAILABLE when too many are waiting.
 */
export function drawInThread(): DrawReport {
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();
  return (contents) => {
    if (waiting >= MOST_WAITING) {
      throw new Refusal("UNAVAILABLE", "Many reports are being drawn: try again soon", { retryAfterMs: AGAIN_MS });
    }
    waiting += 1;
    const drawn = turn.then(async () => {
      const worker = new Worker(THREAD, { workerData: contents });
      try {
        const [bytes]: Uint8Array[] = await once(worker, "message");
        if (!bytes) throw new Error("A report was drawn, and is nothing");
        return bytes;
      } finally {
        await worker.terminate();
        waiting -= 1;
      }
    });
    turn = drawn.catch(() => undefined);
    return drawn;
  };
}

import type { Twinship } from "../client/index.ts";
import { Observed } from "../client/observed.ts";

export interface PulseNow {
  /** Milliseconds from a thumb on one phone to the other phone's screen, the newest last. */
  readonly samples: readonly number[];
}

const SAMPLES = 32;

/** What took longer waited for the other phone's network. */
const LONGEST_MS = 5000;

/** How long messages take from one phone to another: both are in this very page, so one clock measures. */
export class Pulse {
  readonly now = new Observed<PulseNow>(
    () => ({ samples: this.#samples }),
    () => () => undefined,
  );
  readonly #left = new Map<string, number>();
  #samples: readonly number[] = [];

  /** Returns how to stop. */
  follow(twinship: Twinship): () => void {
    const { chat, session } = twinship;
    const stops = [
      chat.on("pending", (pending) => {
        // What waits for a network says nothing about the way.
        if (twinship.room?.status !== "live") return;
        for (const { key, name } of pending)
          if (name === "chat.send" && !this.#left.has(key)) this.#left.set(key, performance.now());
      }),
      chat.on("message", (message) => {
        if ("hidden" in message || message.senderId === session.account?.id) return;
        this.#arrived(message.key);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  #arrived(key: string): void {
    const left = this.#left.get(key);
    if (left === undefined) return;
    this.#left.delete(key);
    const ms = performance.now() - left;
    if (ms > LONGEST_MS) return;
    this.#samples = [...this.#samples, ms].slice(-SAMPLES);
    this.now.changed();
  }
}

import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import argon2 from "argon2";
import type { PasswordHasher } from "../../../domain/ports.ts";
import { Refusal } from "../../../domain/refusal.ts";

/** As OWASP advises for argon2id: 19 MiB, two passes, one lane; about 30 ms. */
const COST = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** So many may wait for each that is at work: some two seconds, after which nobody waits any more. */
const WAITING_EACH = 64;

const RETRY_MS = 2000;

/** As many hashes at once as there are cores to make them; memory and the other work stay free. */
export async function argon2Hasher(atOnce = availableParallelism()): Promise<PasswordHasher> {
  const turns = new Turns(atOnce, atOnce * WAITING_EACH);
  const nobodys = await argon2.hash(randomBytes(16), COST);
  return {
    hash: (password) => turns.take(() => argon2.hash(password, COST)),
    async matches(hash, password) {
      const isRight = await turns.take(() => argon2.verify(hash ?? nobodys, password));
      return isRight && hash !== null;
    },
  };
}

/** Lets a few work at a time, some wait, and sends the rest away. */
export class Turns {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #working = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#working--;
    }
  }

  /** Whoever goes hands its place to whoever has waited longest. */
  async #turn(): Promise<void> {
    if (this.#working < this.#most) {
      this.#working++;
      return;
    }
    if (this.#waiting.length >= this.#mostWaiting)
      throw new Refusal("UNAVAILABLE", "Too many sign in at the moment", { retryAfterMs: RETRY_MS });
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

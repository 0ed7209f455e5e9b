import type { AlertSent, Pressed, SendAlert } from "../schema/wire/twintuition.ts";
import type { Line } from "./line.ts";
import { type Platform, pause } from "./platform.ts";
import { isForNow, waitAfter } from "./retry.ts";
import { isAlertSent, isPressed, isRecord, isTimed } from "./wire.ts";

/** Whoever is told so much later that they were thought of may as well be thought of again. */
const ALERT_MS = 30_000;

/** The server takes no press for older than that; one that comes later would be another one. */
const PRESS_MS = 2000;

/** As many as the server remembers. */
const QUESTIONS = 8;

export interface FeltDeps {
  readonly platform: Platform;
  readonly line: Line;
  /** The pair it is meant for. */
  readonly pairId: () => string | undefined;
}

/** What is felt now is said now, or not at all: it waits in no outbox. */
export class Felt {
  readonly #deps: FeltDeps;

  constructor(deps: FeltDeps) {
    this.#deps = deps;
  }

  /** Tells the twin. Throws Refused, or NoAnswer if nobody could be asked for half a minute. */
  alert(said: SendAlert): Promise<AlertSent> {
    return this.#ask("twintuition.alert", said, isAlertSent, ALERT_MS);
  }

  /**
   * "I feel my twin now", in one word if one likes. The moment comes with the answer, or as an event once the twin has
   * pressed. Throws Refused, or NoAnswer if nobody could be asked for two seconds.
   */
  press(feeling?: string): Promise<Pressed> {
    const pressedAt = this.#deps.platform.now();
    return this.#ask("twintuition.press", { pressedAt, ...(feeling && { feeling }) }, isPressed, PRESS_MS);
  }

  async seen(alertId: string): Promise<void> {
    await this.#deps.line.ask("twintuition.seen", { alertId }, isRecord);
  }

  /** Asks for the time again and again, so that the server knows this device's clock and how long its messages take. */
  async measure(): Promise<void> {
    const { platform, line } = this.#deps;
    try {
      for (let asked = 0; asked < QUESTIONS; asked++) {
        const t0 = platform.now();
        line.clock.learn(await line.ask("clock.sync", { t0 }, isTimed), platform.now());
      }
    } catch {
      // The heartbeat asks as well, and notices a line that is dead.
    }
  }

  /** The same again under the same key, as long as it makes sense to begin anew. */
  async #ask<T>(name: string, said: object, isAnswer: (answer: unknown) => answer is T, forMs: number): Promise<T> {
    const { platform, line, pairId } = this.#deps;
    const asked = { ...said, key: platform.newKey(), pairId: pairId() };
    const until = platform.now() + forMs;
    for (let tries = 1; ; tries++) {
      try {
        return await line.ask(name, asked, isAnswer);
      } catch (error) {
        const waitMs = waitAfter(error, tries, platform.random);
        if (!isForNow(error) || platform.now() + waitMs >= until) throw error;
        await pause(platform, waitMs);
      }
    }
  }
}

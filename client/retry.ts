import type { CLOSE as Close, Detail, RefusalCode } from "../schema/wire/errors.ts";
import { type Platform, pause } from "./platform.ts";

/** The server understood and declined. `code` is what an app decides by; a newer server may know codes we do not. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: RefusalCode | (string & {});
  readonly details: readonly Detail[];
  /** When it makes sense to ask again, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    more: { details?: readonly Detail[]; retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.details = more.details ?? [];
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** Nobody knows whether it was done: no connection, no answer in time, or an answer that is not our server's. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

const FOR_NOW: readonly string[] = ["UNAVAILABLE", "RATE_LIMIT_EXCEEDED"] satisfies RefusalCode[];
const BY_TOKEN: readonly string[] = [
  "AUTH_TOKEN_INVALID",
  "AUTH_TOKEN_EXPIRED",
  "AUTH_TOKEN_REVOKED",
] satisfies RefusalCode[];

/** A new access token may get through. */
export const isAboutToken = (error: unknown): boolean => error instanceof Refused && BY_TOKEN.includes(error.code);

/** Worth asking again, word for word and under the same key. Every other refusal is for ever. */
export const isForNow = (error: unknown): boolean =>
  error instanceof NoAnswer || (error instanceof Refused && FOR_NOW.includes(error.code));

const FIRST_MS = 400;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next try; `tries` counts those that failed. Anything up to twice as long each time, at
 * random, so that phones which lost the same server do not come back in step.
 */
export function backOff(tries: number, random: () => number, firstMs = FIRST_MS): number {
  const most = Math.min(LONGEST_MS, firstMs * 2 ** Math.min(tries - 1, 20));
  return Math.round(most * (0.25 + 0.75 * random()));
}

/** As the refusal says, never sooner; else by backing off. */
export function waitAfter(error: unknown, tries: number, random: () => number): number {
  const asked = error instanceof Refused ? error.retryAfterMs : undefined;
  if (asked === undefined) return backOff(tries, random);
  return asked + Math.round(random() * Math.min(asked, 1000));
}

export interface Patience {
  readonly platform: Platform;
  /** For how long it is worth trying, in milliseconds. */
  readonly patienceMs: number;
}

/** Tries until it is answered, refused for ever, or patience ends: then throws what was heard last. */
export async function persevere<T>(
  work: (tries: number) => Promise<T>,
  { platform, patienceMs }: Patience,
): Promise<T> {
  const until = platform.now() + patienceMs;
  for (let tries = 1; ; tries++) {
    try {
      return await work(tries);
    } catch (error) {
      const wait = waitAfter(error, tries, platform.random);
      if (!isForNow(error) || platform.now() + wait > until) throw error;
      await pause(platform, wait);
    }
  }
}

/** Rejects with NoAnswer if it takes longer; `giveUp` ends the work itself. */
export function within<T>(platform: Platform, ms: number, work: Promise<T>, giveUp?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = platform.after(ms, () => {
      giveUp?.();
      reject(new NoAnswer(`No answer within ${ms} ms`));
    });
    work.then(resolve, reject).finally(cancel);
  });
}

/** The very numbers of the contract: the compiler compares. Importing them would bring all of zod into the app. */
export const CLOSE: typeof Close = {
  left: 4000,
  signedOut: 4401,
  unpaired: 4403,
  tooSlow: 4408,
  replaced: 4409,
  moved: 4412,
  flooding: 4429,
  draining: 4503,
};

/** What to do about a closed socket: come back after a while, perhaps with a new token, or not at all. */
export type Next =
  | { readonly go: "rejoin"; readonly inMs: number; readonly withNewToken: boolean }
  | { readonly go: "stay away"; readonly why: "left" | "closed" | "replaced" };

export interface Closed {
  readonly code: number;
  /** What server.draining asked for, in milliseconds. */
  readonly reconnectAfterMs: number | undefined;
  /** Sockets closed one after the other that did not live long enough to count as working; this one included. */
  readonly shortLived: number;
}

/** A server that goes away for good does not want all of its phones back in the same second. */
const DRAIN_MS = { least: 1000, most: 5000 };

const FLOODING_MS = 5000;

export function afterClose({ code, reconnectAfterMs, shortLived }: Closed, random: () => number): Next {
  const rejoin = (inMs: number, withNewToken = false): Next => ({
    go: "rejoin",
    inMs: Math.round(inMs),
    withNewToken,
  });
  switch (code) {
    case CLOSE.left:
      return { go: "stay away", why: "left" };
    case CLOSE.unpaired:
      return { go: "stay away", why: "closed" };
    case CLOSE.replaced:
      return { go: "stay away", why: "replaced" };
    case CLOSE.signedOut:
      return rejoin(shortLived > 1 ? backOff(shortLived, random) : 0, true);
    case CLOSE.flooding:
      return rejoin(FLOODING_MS + backOff(shortLived + 3, random));
    case CLOSE.draining:
      return rejoin(reconnectAfterMs ?? DRAIN_MS.least + random() * (DRAIN_MS.most - DRAIN_MS.least));
    case CLOSE.moved:
    case CLOSE.tooSlow:
      return rejoin(shortLived > 1 ? backOff(shortLived, random) : 0);
    default:
      return rejoin(backOff(Math.max(shortLived, 1), random));
  }
}

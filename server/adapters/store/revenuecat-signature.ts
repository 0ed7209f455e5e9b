import { createHash, createHmac, timingSafeEqual } from "node:crypto";

export interface RevenuecatHookSecrets {
  /** The value that RevenueCat was told to send as Authorization. */
  readonly auth: string | undefined;
  /** What it signs with, where that was switched on. */
  readonly secret: string | undefined;
}

export interface HookHeaders {
  readonly authorization: string;
  /** `t=<seconds since 1970>,v1=<hex>`; several of the latter while a secret is changed. */
  readonly signature: string;
}

/** RevenueCat signs each attempt anew, so an older signature is somebody's who kept it. */
const FRESH_MS = 5 * 60_000;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** As long for a wrong value as for the right one, whatever they have in common. */
const isSame = (given: string, right: string): boolean => timingSafeEqual(digest(given), digest(right));

/**
 * Whether it is RevenueCat that tells us something: by the value it was told to send, and by its signature over time and
 * bytes where there is a secret for that. Nobody is believed where there is neither. `now`: milliseconds since 1970.
 */
export function revenuecatHook({ auth, secret }: RevenuecatHookSecrets, now: () => number) {
  if (auth === undefined && secret === undefined) return undefined;
  return ({ authorization, signature }: HookHeaders, body: Buffer): boolean => {
    const isToldRight = auth === undefined || [auth, `Bearer ${auth}`].some((right) => isSame(authorization, right));
    return isToldRight && (secret === undefined || isSigned(secret, signature, body, now()));
  };
}

function isSigned(secret: string, header: string, body: Buffer, now: number): boolean {
  const parts = header.split(",").map((part) => part.trim());
  const time = parts.find((part) => /^t=\d{1,12}$/.test(part))?.slice(2);
  if (time === undefined || Math.abs(now - Number(time) * 1000) > FRESH_MS) return false;
  const right = createHmac("sha256", secret).update(`${time}.`).update(body).digest("hex");
  return parts.some((part) => part.startsWith("v1=") && isSame(part.slice(3).toLowerCase(), right));
}

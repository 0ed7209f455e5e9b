/** What a phone makes of refusals, and of lines that were closed. */

const HINTS: Readonly<Record<string, string>> = {
  RATE_LIMIT_EXCEEDED: "; raise RATE_LIMIT_MESSAGES_PER_MINUTE and RATE_LIMIT_REQUESTS_PER_MINUTE at the server",
  AUTH_TOKEN_EXPIRED: "; run npm run people again",
  AUTH_TOKEN_INVALID: "; run npm run people for this server",
};

/** The server's own words, or whatever else went wrong. */
export function reasonOf(error: unknown): string {
  const { reason, message } = Object(error);
  const said = typeof reason?.code === "string" ? `${reason.code}: ${reason.message}` : String(message ?? error);
  return said + (HINTS[codeOf(error) ?? ""] ?? "");
}

/** Nobody answered, or the server asks for patience. Every other refusal is for good: a load test is not to hide it. */
export const isForNow = (error: unknown): boolean => [undefined, "UNAVAILABLE"].includes(codeOf(error));

/** A refusal begins with its code, at every door; nothing else looks like that. */
function codeOf(error: unknown): string | undefined {
  const { reason, message } = Object(error);
  return typeof reason?.code === "string"
    ? reason.code
    : /^([A-Z]+(?:_[A-Z]+)+|[A-Z]{4,}): /.exec(String(message))?.[1];
}

const FIRST_MS = 400;
const LONGEST_MS = 10_000;

/** Anything up to twice as long each time, at random, so that phones do not come back in step. */
export function backOff(tries: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1)) * (0.25 + 0.75 * Math.random());
}

/** When to come back, in milliseconds; undefined if never: signed out, unpaired, or replaced by the same device. */
export function afterClose(code: number, reconnectAfterMs = 1000 + 4000 * Math.random()): number | undefined {
  if (code === 4401 || code === 4403 || code === 4409) return undefined;
  if (code === 4408 || code === 4412) return 0;
  return code === 4503 ? reconnectAfterMs : backOff(1);
}

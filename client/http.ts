import type { Detail } from "../schema/wire/errors.ts";
import type { Platform } from "./platform.ts";
import { NoAnswer, Refused, within } from "./retry.ts";
import { isRecord } from "./wire.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From the root, `/api/v1/...`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly body?: unknown;
  readonly token?: string | undefined;
  /** The Idempotency-Key: every try of one call bears the same. */
  readonly key?: string | undefined;
  readonly ifMatch?: string | undefined;
}

/** What we know the answer by: our servers speak JSON, say `success`, or refuse with a code. */
export type Reply = Readonly<Record<string, unknown>>;

const LIMIT_MS = 10_000;

/** One server, by HTTP. One try a call, and never longer than the limit. */
export class Http {
  readonly #root: string;
  readonly #platform: Platform;

  constructor(url: string, platform: Platform) {
    this.#root = url.replace(/^ws/, "http").replace(/\/+$/, "");
    this.#platform = platform;
  }

  /** Throws Refused, or NoAnswer: then it may or may not have been done. */
  async once(call: Call, limitMs = LIMIT_MS): Promise<Reply> {
    const aborting = new AbortController();
    const { response, text } = await within(this.#platform, limitMs, this.#fetch(call, aborting.signal), () =>
      aborting.abort(),
    );
    return replyOf(response, text, this.#platform.now());
  }

  async #fetch(call: Call, signal: AbortSignal): Promise<{ response: Response; text: string }> {
    try {
      const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
      const init = { method: call.method, headers: headersOf(call), signal, ...body };
      const response = await this.#platform.fetch(`${this.#root}${call.path}${queryOf(call)}`, init);
      return { response, text: await response.text() };
    } catch (cause) {
      throw new NoAnswer("The server cannot be reached", { cause });
    }
  }
}

function headersOf({ body, token, key, ifMatch }: Call): Record<string, string> {
  return {
    accept: "application/json",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(token && { authorization: `Bearer ${token}` }),
    ...(key && { "idempotency-key": key }),
    ...(ifMatch && { "if-match": ifMatch }),
  };
}

function queryOf({ query = {} }: Call): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return "";
  return `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`;
}

function replyOf(response: Response, text: string, now: number): Reply {
  if (response.status === 204) return {};
  const reply = parsed(text);
  const retryAfterMs = retryAfterOf(response.headers.get("retry-after"), now);
  if (response.ok && isRecord(reply) && reply["success"] !== false) return reply;
  throw refusalIn(reply, retryAfterMs) ?? new NoAnswer(`An answer that is not our server's (${response.status})`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The envelope, or the matchmaker's own form, whose text begins with the code word. */
function refusalIn(reply: unknown, retryAfterMs: number | undefined): Refused | undefined {
  if (!isRecord(reply)) return undefined;
  const { error } = reply;
  if (typeof error === "string") {
    const [, code, message] = /^([A-Z][A-Z_]+): (.*)$/s.exec(error) ?? [];
    return code === undefined ? undefined : new Refused(code, message ?? "", { retryAfterMs });
  }
  return refusedBy(error, retryAfterMs);
}

/** A refusal as it stands in an envelope, or as a room gives it. */
export function refusedBy(reason: unknown, asked?: number): Refused | undefined {
  if (!isRecord(reason)) return undefined;
  const { code, message, details } = reason;
  if (typeof code !== "string") return undefined;
  const own = reason["retryAfterMs"];
  const retryAfterMs = typeof own === "number" && own >= 0 ? own : asked;
  return new Refused(code, typeof message === "string" ? message : "", { details: detailsIn(details), retryAfterMs });
}

function detailsIn(details: unknown): Detail[] {
  if (!Array.isArray(details)) return [];
  return details.flatMap((detail: unknown) => {
    if (!isRecord(detail)) return [];
    const { path, message } = detail;
    return typeof path === "string" && typeof message === "string" ? [{ path, message }] : [];
  });
}

/** Seconds, or a date: both are allowed. In milliseconds from now. */
function retryAfterOf(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

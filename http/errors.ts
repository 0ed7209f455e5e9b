import type { ErrorRequestHandler, Response } from "express";
import type { Allowance } from "../domain/ports.ts";
import { Refusal } from "../domain/refusal.ts";
import { type RefusalCode, STATUS } from "../schema/wire/errors.ts";

/** A client that is told to wait this long finds the room moved or the database back. */
const RETRY_AFTER_MS = 1000;

const RETRIED: readonly RefusalCode[] = ["UNAVAILABLE", "RATE_LIMIT_EXCEEDED", "AUTH_ACCOUNT_LOCKED"];

/** What Express and its body reader throw, by the type they give it. */
const OF_EXPRESS: Readonly<Record<string, readonly [RefusalCode, string]>> = {
  "entity.parse.failed": ["MALFORMED_JSON", "The body is not JSON"],
  "entity.too.large": ["PAYLOAD_TOO_LARGE", "The body is larger than 64 KiB"],
  "encoding.unsupported": ["UNSUPPORTED_MEDIA_TYPE", "The body must not be compressed"],
  "charset.unsupported": ["UNSUPPORTED_MEDIA_TYPE", "The body must be UTF-8"],
  "request.size.invalid": ["VALIDATION_ERROR", "The body is not as long as it says"],
};

export type Report = (error: unknown) => void;

/** Everything that may be thrown while a request is served, as a refusal. A bug is reported and says nothing of itself. */
export function refusalOf(error: unknown, report: Report): Refusal {
  if (error instanceof Refusal) return error;
  const type = error instanceof Error && "type" in error ? String(error.type) : "";
  const known = OF_EXPRESS[type];
  if (known) return new Refusal(known[0], known[1], { cause: error });
  // A path with a percent sign that stands for nothing.
  if (error instanceof URIError) return new Refusal("VALIDATION_ERROR", "The path cannot be read", { cause: error });
  report(error);
  return new Refusal("INTERNAL_SERVER_ERROR", "Something went wrong");
}

/** Says in headers what a client waits by. */
export function sayWhen(response: Response, { code, retryAfterMs = RETRY_AFTER_MS, allowance }: Refusal): void {
  if (RETRIED.includes(code)) response.set("Retry-After", String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  if (allowance) sayAllowance(response, allowance);
}

export function sayAllowance(response: Response, { limit, remaining, resetMs }: Allowance): void {
  response.set({
    "RateLimit-Limit": String(limit),
    "RateLimit-Remaining": String(remaining),
    "RateLimit-Reset": String(Math.ceil(resetMs / 1000)),
  });
}

/** The only place where an error becomes an answer under /api/v1. */
export function errorHandler(report: Report, now: () => number): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error);
    // Who hung up while we read is told nothing.
    if (request.socket.destroyed) return;
    const refusal = refusalOf(error, report);
    const { code, message, details } = refusal;
    sayWhen(response, refusal);
    response.status(STATUS[code]).json({
      success: false,
      error: { code, message, ...(details && { details }) },
      timestamp: new Date(now()).toISOString(),
      requestId: response.locals["requestId"],
    });
  };
}

import type { ErrorRequestHandler, Request, Response } from "express";
import type { Allowance } from "../domain/ports.ts";
import { Refusal } from "../domain/refusal.ts";
import { type RefusalCode, STATUS } from "../schema/wire/errors.ts";

/** A client that is told to wait this long finds the room moved or the database back. */
const RETRY_AFTER_MS = 1000;

const RETRIED: readonly RefusalCode[] = ["UNAVAILABLE", "RATE_LIMIT_EXCEEDED", "AUTH_ACCOUNT_LOCKED"];

/** `about`: what helps to find the request among others; ids, never contents. */
export type Report = (error: unknown, about?: Readonly<Record<string, unknown>>) => void;

/** Whoever asked is gone. That is nobody's mistake, and nobody is left to be told. */
export class HungUp extends Error {
  override readonly name = "HungUp";
}

/** How an answer ends whose reader went away. */
const LEFT = new Set(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE", "ERR_STREAM_DESTROYED"]);

const isHungUp = (error: unknown): boolean =>
  error instanceof HungUp || (error instanceof Error && "code" in error && LEFT.has(String(error.code)));

/** Everything that may be thrown while a request is served, as a refusal. A bug is reported and says nothing of itself. */
export function refusalOf(error: unknown, request: Request, response: Response, report: Report): Refusal {
  if (error instanceof Refusal) return error;
  report(error, {
    requestId: response.locals["requestId"],
    method: request.method,
    path: request.baseUrl + request.path,
  });
  return new Refusal("INTERNAL_SERVER_ERROR", "Something went wrong");
}

/** Says in headers what a client acts upon. */
export function sayWhen(response: Response, { code, retryAfterMs = RETRY_AFTER_MS, allowance }: Refusal): void {
  if (RETRIED.includes(code)) response.set("Retry-After", String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  if (STATUS[code] === 401) response.set("WWW-Authenticate", "Bearer");
  if (allowance) sayAllowance(response, allowance);
}

export function sayAllowance(response: Response, { limit, remaining, resetMs }: Allowance): void {
  response.set({
    "RateLimit-Limit": String(limit),
    "RateLimit-Remaining": String(remaining),
    "RateLimit-Reset": String(Math.ceil(resetMs / 1000)),
  });
}

/** A refusal in the words of those who asked. */
type Say = (response: Response, refusal: Refusal) => void;

/** The only place where an error becomes an answer. */
export function errorHandler(report: Report, say: Say): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error, request, response, _next) => {
    const isOver = response.headersSent || response.destroyed || response.socket?.destroyed === true;
    if (isHungUp(error) && isOver) return void response.destroy();
    const refusal = refusalOf(error, request, response, report);
    // What has begun cannot be taken back; cut off, it is seen not to be whole.
    if (isOver) return void response.destroy();
    sayWhen(response, refusal);
    say(response, refusal);
  };
}

/** As everywhere under /api/v1. */
export const inEnvelope =
  (now: () => number): Say =>
  (response, { code, message, details }) => {
    response.status(STATUS[code]).json({
      success: false,
      error: { code, message, ...(details && { details }) },
      timestamp: new Date(now()).toISOString(),
      requestId: response.locals["requestId"],
    });
  };

/** As the SDK reads it: the code word stands first. A mistake of ours is 503 here: seats are refused with 4xx or that. */
export const forSdk: Say = (response, { code, message }) => {
  const status = code === "INTERNAL_SERVER_ERROR" ? STATUS.UNAVAILABLE : STATUS[code];
  response.status(status).json({ code: status, error: `${code}: ${message}` });
};

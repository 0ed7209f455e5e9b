import cors from "cors";
import type { RequestHandler } from "express";
import { Refusal } from "../domain/refusal.ts";
import { isStorable } from "../schema/wire/text.ts";
import { unstorable } from "./body.ts";

const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;

/** The caller's own id of the request, if it is one; so that both sides can speak of the same thing. */
export function requestIds(newId: () => string): RequestHandler {
  return (request, response, next) => {
    const given = request.get("x-request-id") ?? "";
    const requestId = REQUEST_ID.test(given) ? given : newId();
    response.locals["requestId"] = requestId;
    response.set("X-Request-Id", requestId);
    next();
  };
}

/**
 * Pages of listed origins may call; they are told so on errors too. Apps send no origin and need no leave. Nothing here
 * rests on cookies, but the SDK asks with credentials, and browsers then want to hear that it may.
 */
export function corsFor(origins: readonly string[]): RequestHandler {
  return cors({
    origin: (origin, answer) => answer(null, origin !== undefined && origins.includes(origin) ? origin : false),
    credentials: true,
    methods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowedHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Request-Id", "Range"],
    exposedHeaders: [
      "X-Request-Id",
      "Retry-After",
      "RateLimit-Limit",
      "RateLimit-Remaining",
      "RateLimit-Reset",
      "ETag",
      "Content-Range",
    ],
    maxAge: 600,
  });
}

/** The answer differs by origin whether or not one was sent. */
export const varyByOrigin: RequestHandler = (_request, response, next) => {
  response.vary("Origin");
  next();
};

export const notStored: RequestHandler = (_request, response, next) => {
  response.set("Cache-Control", "no-store");
  next();
};

/** A percent sign stands for something, and what it stands for can be stored. */
export const readableAddress: RequestHandler = ({ originalUrl }, _response, next) => {
  try {
    if (!isStorable(decodeURIComponent(originalUrl))) return next(unstorable("address"));
    next();
  } catch (error) {
    next(new Refusal("VALIDATION_ERROR", "The address is not percent-encoded UTF-8", { cause: error }));
  }
};

/** A parameter given twice would be a list where the code below expects a word. */
export const plainQueries: RequestHandler = ({ query }, _response, next) => {
  const twice = Object.entries(query).filter(([, value]) => typeof value !== "string");
  const details = twice.map(([name]) => ({ path: name.slice(0, 100), message: "is given twice" }));
  const [first] = details;
  next(first && new Refusal("VALIDATION_ERROR", `${first.path}: ${first.message}`, { details }));
};

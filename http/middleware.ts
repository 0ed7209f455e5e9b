import type { IncomingHttpHeaders } from "node:http";
import cors from "cors";
import express, { type RequestHandler } from "express";
import { Refusal } from "../domain/refusal.ts";
import { isStorable } from "../schema/wire/text.ts";

const BODY_BYTES = 64 * 1024;

/** Deeper than any form is. */
const BODY_DEPTH = 64;

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

/** Pages of listed origins may call; they are told so on errors too. Apps send no origin and need no leave. */
export function corsFor(origins: readonly string[]): RequestHandler {
  return cors({
    origin: (origin, answer) => answer(null, origin !== undefined && origins.includes(origin) ? origin : false),
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

const readJson = express.json({ limit: BODY_BYTES, inflate: false, strict: true, type: "application/json" });

/** JSON or nothing at all; nothing at all is an empty form. */
export const jsonBodies: RequestHandler = (request, response, next) => {
  if (!hasBody(request.headers)) {
    request.body = {};
    return next();
  }
  if (!request.is("application/json")) return next(new Refusal("UNSUPPORTED_MEDIA_TYPE", "The body must be JSON"));
  readJson(request, response, (error?: unknown) => {
    if (error) return next(error);
    request.body ??= {};
    next(isForm(request.body) ? undefined : new Refusal("VALIDATION_ERROR", "The body must be a JSON object"));
  });
};

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function isForm(body: unknown): boolean {
  return typeof body === "object" && body !== null && !Array.isArray(body) && isShallow(body);
}

/** Layer by layer, not by recursion: depth is what is being guarded against. */
function isShallow(body: object): boolean {
  let layer: unknown[] = [body];
  for (let depth = 0; layer.length > 0; depth++) {
    if (depth > BODY_DEPTH) return false;
    layer = layer.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return true;
}

/** A parameter given twice would be a list where the code below expects a word. */
export const plainQueries: RequestHandler = (request, _response, next) => {
  const twice = Object.entries(request.query).filter(([, value]) => typeof value !== "string");
  const wrong = Object.entries(request.query).filter(([name, value]) => !isStorable(`${name}${String(value)}`));
  if (twice.length + wrong.length === 0) return next();
  const details = [
    ...twice.map(([path]) => ({ path: path.slice(0, 100), message: "is given twice" })),
    ...wrong.map(([path]) => ({ path: path.slice(0, 100), message: "contains characters that cannot be stored" })),
  ];
  next(new Refusal("VALIDATION_ERROR", `${details[0]?.path}: ${details[0]?.message}`, { details }));
};

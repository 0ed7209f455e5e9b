import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Request, type RequestHandler, type Response, Router } from "express";
import type { Idempotency } from "../domain/idempotency.ts";
import type { Authenticate, Caller, Limits } from "../domain/ports.ts";
import { Refusal } from "../domain/refusal.ts";
import { storable } from "../schema/wire/text.ts";
import { sayAllowance } from "./errors.ts";
import { Answer, type Circumstances, type Method, type Route, Streamed } from "./route.ts";

export interface ServeDeps {
  readonly authenticate: Authenticate;
  readonly limits: Limits;
  readonly idempotency: Idempotency;
  readonly ipOf: (request: Request) => string;
}

const Key = storable(64).refine((key) => key !== "", "must not be empty");

const METHODS: readonly Method[] = ["get", "post", "put", "patch", "delete"];

/** All routes at their paths; what a path does not offer is answered with what it does. */
export function serve(routes: readonly Route[], deps: ServeDeps): Router {
  const router = Router({ caseSensitive: true });
  const handle = handlerFor(deps);
  for (const [path, own] of Map.groupBy(routes, ({ path }) => path)) {
    const place = router.route(path);
    for (const method of METHODS) {
      const route = own.find((one) => one.method === method);
      if (route) place[method](handle(route));
    }
    place.all(notAllowed(own.map(({ method }) => method.toUpperCase())));
  }
  return router;
}

function notAllowed(offered: readonly string[]): RequestHandler {
  const allow = [...offered, ...(offered.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  return (_request, response) => {
    response.set("Allow", allow);
    throw new Refusal("METHOD_NOT_ALLOWED", `This offers ${allow}`);
  };
}

/** One request: who asks, whether they may now, what they ask, whether it was done before; then the answer, checked. */
function handlerFor({ authenticate, limits, idempotency, ipOf }: ServeDeps) {
  const callerOf = async (route: Route, request: Request): Promise<Caller | undefined> => {
    const token = bearerOf(request);
    if (route.signIn === "none" || (route.signIn === "optional" && token === undefined)) return undefined;
    return authenticate(token);
  };

  const identify = async (route: Route, request: Request, response: Response, ip: string) => {
    try {
      const caller = await callerOf(route, request);
      sayAllowance(response, await (caller ? limits.take("requests", caller.userId) : limits.take("requests.ip", ip)));
      return caller;
    } catch (error) {
      // Guessing at tokens is not free either.
      if (error instanceof Refusal && error.code.startsWith("AUTH_")) await limits.take("requests.ip", ip);
      throw error;
    }
  };

  return (route: Route): RequestHandler =>
    async (request, response) => {
      const ip = ipOf(request);
      const caller = await identify(route, request, response, ip);
      const key = route.repeats === "none" ? undefined : keyOf(request);
      const circumstances: Circumstances = {
        ip,
        accessToken: bearerOf(request),
        idempotencyKey: route.repeats === "command" ? key : undefined,
        ifMatch: request.get("if-match"),
      };
      const { params, query, body } = request;
      const said = () => route.handle(caller, { params, query, body }, circumstances);
      if (route.method === "get") return answer(route, response, await said());
      const work = async () => checked(route, await said());
      if (key === undefined || caller === undefined || route.repeats !== "kept") return send(response, await work());
      const place = `${request.method} ${request.baseUrl}${request.path}`;
      send(response, await idempotency.once({ userId: caller.userId, key, place, body }, work));
    };
}

export function bearerOf(request: Request): string | undefined {
  const given = request.get("authorization");
  if (given === undefined) return undefined;
  const [, token] = /^Bearer +(\S+)$/i.exec(given.trim()) ?? [];
  if (token === undefined) throw new Refusal("AUTH_TOKEN_INVALID", "The Authorization header must be a Bearer token");
  return token;
}

function keyOf(request: Request): string | undefined {
  const given = request.get("idempotency-key");
  if (given === undefined) return undefined;
  const key = Key.safeParse(given);
  if (!key.success) throw new Refusal("VALIDATION_ERROR", "Idempotency-Key: must be 1 to 64 characters");
  return key.data;
}

interface Checked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly reply: object;
}

/** What does not fit its own description is a bug, and stays here. */
function checked(route: Route, said: Answer<unknown> | Streamed): Checked {
  if (said instanceof Streamed) throw new Error(`${route.method} ${route.path} streams what must be kept`);
  const { reply, status, headers } = said;
  const result = route.reply.safeParse(reply);
  if (!result.success) {
    throw new Error(`${route.method} ${route.path} answers what it does not declare`, { cause: result.error });
  }
  return { status: status ?? route.status, headers, reply: Object(result.data) };
}

async function answer(route: Route, response: Response, said: Answer<unknown> | Streamed): Promise<void> {
  if (said instanceof Answer) return send(response, checked(route, said));
  response.set({ "Content-Type": "application/json; charset=utf-8", ...said.headers });
  // Backpressure is the pipeline's; who hangs up ends it.
  await pipeline(Readable.from(said.pieces), response);
}

function send(response: Response, { status, headers, reply }: Checked): void {
  response
    .status(status)
    .set(headers)
    .json({ success: true, ...reply });
}

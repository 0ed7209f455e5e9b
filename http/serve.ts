import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Request, type RequestHandler, type Response, Router } from "express";
import type { Idempotency, KeptAnswer } from "../domain/idempotency.ts";
import { Refusal } from "../domain/refusal.ts";
import { Locale } from "../schema/wire/assessments.ts";
import { storable } from "../schema/wire/text.ts";
import { type Admit, bearerOf } from "./admission.ts";
import { formOf } from "./body.ts";
import { countedAs } from "./observe.ts";
import { Answer, type Circumstances, Filed, type Method, type Route, type Said } from "./route.ts";

export interface ServeDeps {
  readonly admit: Admit;
  readonly idempotency: Idempotency;
  readonly ipOf: (request: Request) => string;
}

const Key = storable(64).refine((key) => key !== "", "must not be empty");

/** Where all calls are. */
export const API = "/api/v1";

const METHODS: readonly Method[] = ["get", "post", "put", "patch", "delete"];

/** All routes at their paths; what a path does not offer is answered with what it does. */
export function serve(routes: readonly Route[], deps: ServeDeps): Router {
  const router = Router({ caseSensitive: true });
  // A hundred patterns are not tried one after the other for a path that has a name.
  const named = new Map<string, Router>();
  router.use((request, response, next) => {
    const { path } = request;
    const place = named.get(path.endsWith("/") ? path.slice(0, -1) : path);
    if (place) place(request, response, next);
    else next();
  });
  const places = [...Map.groupBy(routes, ({ path }) => path)];
  for (const [path, own] of places.sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1))) {
    const of = path.includes(":") ? router : Router({ caseSensitive: true });
    if (of !== router) named.set(path, of);
    const place = of.route(path);
    place.all(countedAs(API + path));
    for (const method of METHODS) {
      const route = own.find((one) => one.method === method);
      if (route) place[method](handlerOf(route, deps));
    }
    place.all(notAllowed(own.map(({ method }) => method.toUpperCase())));
  }
  return router;
}

/** A word goes before whatever may stand in its place. */
const rank = (path: string): string => path.replace(/:[^/]+/g, "\uffff");

export function notAllowed(offered: readonly string[]): RequestHandler {
  const allow = [...offered, ...(offered.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  return (_request, response) => {
    response.set("Allow", allow);
    throw new Refusal("METHOD_NOT_ALLOWED", `This offers ${allow}`);
  };
}

/** One request: who asks, whether they may now, what they ask, whether it was done before; then the answer, checked. */
function handlerOf(route: Route, { admit, idempotency, ipOf }: ServeDeps): RequestHandler {
  return async (request, response) => {
    const caller = await admit(route.signIn, request, response);
    const key = route.repeats === "none" ? undefined : keyOf(request);
    const sent = { params: request.params, query: request.query, body: await formOf(request, route.bodyBytes) };
    const said = () => route.handle(caller, sent, circumstancesOf(route, request, ipOf(request), key));
    if (caller === undefined || key === undefined || route.repeats !== "kept")
      return answer(route, response, await said());
    const call = { userId: caller.userId, key, place: `${request.method} ${request.originalUrl}`, body: sent.body };
    send(response, await idempotency.once(call, async () => checked(route, await said())));
  };
}

function circumstancesOf(route: Route, request: Request, ip: string, key: string | undefined): Circumstances {
  return {
    ip,
    accessToken: route.signIn === "none" ? undefined : bearerOf(request),
    idempotencyKey: route.repeats === "command" ? key : undefined,
    ifMatch: request.get("if-match"),
    ifNoneMatch: request.get("if-none-match"),
    locale: Locale.safeParse(request.acceptsLanguages(Locale.options)).data ?? "en",
  };
}

function keyOf(request: Request): string | undefined {
  const given = request.get("idempotency-key");
  if (given === undefined) return undefined;
  const key = Key.safeParse(given);
  if (key.success) return key.data;
  const detail = { path: "Idempotency-Key", message: "must be 1 to 64 characters" };
  throw new Refusal("VALIDATION_ERROR", `${detail.path}: ${detail.message}`, { details: [detail] });
}

/** What does not fit its own description is a bug, and stays here. */
function checked(route: Route, said: Said<unknown>): KeptAnswer {
  if (!(said instanceof Answer)) throw new Error(`${route.method} ${route.path} streams what must be kept`);
  const { reply, status, headers } = said;
  const result = route.reply.safeParse(reply);
  if (!result.success) {
    throw new Error(`${route.method} ${route.path} answers what it does not declare`, { cause: result.error });
  }
  return { status: status ?? route.status, headers, reply: Object(result.data) };
}

async function answer(route: Route, response: Response, said: Said<unknown>): Promise<void> {
  if (said instanceof Answer) return send(response, checked(route, said));
  if (said instanceof Filed) {
    const type = { "Content-Type": route.produces ?? "application/octet-stream", "X-Content-Type-Options": "nosniff" };
    return void response.set({ ...type, ...said.headers }).send(Buffer.from(said.bytes));
  }
  response.set({ "Content-Type": "application/json; charset=utf-8", ...said.headers });
  // Backpressure is the pipeline's; who hangs up ends it.
  await pipeline(Readable.from(said.pieces), response);
}

function send(response: Response, { status, headers, reply }: KeptAnswer): void {
  response
    .status(status)
    .set(headers)
    .json({ success: true, ...reply });
}

import express, { type Express, type Request, Router } from "express";
import helmet from "helmet";
import type { Idempotency } from "../domain/idempotency.ts";
import type { Pairing } from "../domain/pairing.ts";
import type { Authenticate, Limits } from "../domain/ports.ts";
import type { Profiles } from "../domain/profiles.ts";
import { Refusal } from "../domain/refusal.ts";
import type { PublicKeys } from "../schema/wire/accounts.ts";
import { admission } from "./admission.ts";
import { clientIpReader, type ProxyTrust } from "./client-ip.ts";
import { errorHandler, inEnvelope, type Report } from "./errors.ts";
import { corsFor, notStored, plainQueries, readableAddress, requestIds, varyByOrigin } from "./middleware.ts";
import { countedAs, type Observe, observed } from "./observe.ts";
import type { Route } from "./route.ts";
import { type AuthDeps, authRoutes } from "./routes/auth.ts";
import { jwksRoute } from "./routes/jwks.ts";
import { type MessageRoutesDeps, messageRoutes } from "./routes/messages.ts";
import { type MetricsDeps, metricsRoutes } from "./routes/metrics.ts";
import { type OperationsDeps, operationsRoutes, socketRoutes } from "./routes/operations.ts";
import { matchmakeRoutes, type SeatGiver, seatRoutes } from "./routes/room.ts";
import { twinRoutes } from "./routes/twins.ts";
import { userRoutes } from "./routes/users.ts";
import { API, serve } from "./serve.ts";

export interface HttpDeps extends Omit<OperationsDeps, "now">, AuthDeps, MessageRoutesDeps {
  readonly authenticate: Authenticate;
  readonly publicKeys: PublicKeys;
  readonly profiles: Profiles;
  readonly pairing: Pairing;
  readonly idempotency: Idempotency;
  readonly seats: SeatGiver;
  readonly limits: Pick<Limits, "take">;
  readonly proxies: ProxyTrust;
  readonly origins: readonly string[];
  /** For who counts and measures; nobody by default. */
  readonly observe?: Observe;
  /** What /metrics tells, and whom; nothing is there by default. */
  readonly metrics?: Omit<MetricsDeps, "proxies">;
  readonly report: Report;
}

/** All calls under /api/v1. */
export function apiRoutes(deps: HttpDeps): readonly Route[] {
  return [
    ...authRoutes(deps),
    ...userRoutes(deps.profiles),
    ...twinRoutes(deps.pairing),
    ...messageRoutes(deps),
    ...seatRoutes(deps.seats),
    ...socketRoutes(deps),
  ];
}

/** The REST side, in the order a request meets it. */
export function httpApp(deps: HttpDeps): Express {
  const { clock, chance, origins, proxies, metrics, report, observe = unobserved } = deps;
  const now = () => clock.now();
  const readIp = clientIpReader(proxies);
  const ipOf = (request: Request) => readIp(request.socket.remoteAddress, (name) => request.get(name));
  const admit = admission({ ...deps, ipOf });

  return express()
    .disable("x-powered-by")
    .disable("etag")
    .set("query parser", "simple")
    .use(
      observed(observe),
      requestIds(() => chance.newId(now())),
      helmet(),
      varyByOrigin,
      corsFor(origins),
    )
    .use("/matchmake", countedAs("/matchmake/:method/:room"), matchmakeRoutes({ ...deps, admit }))
    .use(readableAddress, plainQueries)
    .use(operationsRoutes({ ...deps, now }))
    .use(metrics ? metricsRoutes({ ...metrics, proxies }) : Router())
    .use("/.well-known/jwks.json", countedAs("/.well-known/jwks.json"))
    .use(jwksRoute(deps.publicKeys))
    .use(API, notStored, serve(apiRoutes(deps), { ...deps, admit, ipOf }))
    .use(() => {
      throw new Refusal("NOT_FOUND", "There is nothing here");
    })
    .use(errorHandler(report, inEnvelope(now)));
}

const unobserved: Observe = () => () => undefined;

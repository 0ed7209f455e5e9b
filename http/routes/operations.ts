import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { notStored } from "../middleware.ts";
import { nothing, type Route, route } from "../route.ts";
import { notAllowed } from "../serve.ts";

export interface Health {
  readonly status: "healthy" | "degraded";
  readonly services: Readonly<Record<"database" | "redis" | "realtime", string>>;
}

export interface OperationsDeps {
  readonly health: () => Promise<Health>;
  /** Whether new work may be sent here. */
  readonly isReady: () => Promise<boolean>;
  readonly version: string;
  readonly publicUrl: string;
  readonly now: () => number;
}

/** For load balancers and people who look after it: at the root, and never limited. */
export function operationsRoutes({ isReady, ...deps }: OperationsDeps): Router {
  const look = (path: string, handle: RequestHandler) =>
    Router()
      .all(path, notStored)
      .get(path, handle)
      .all(path, notAllowed(["GET"]));
  const health = healthHandler(deps);
  return Router().use(look("/health", health), look("/api/v1/health", health), look("/ready", readyHandler(isReady)));
}

function healthHandler({ health, version, now }: Omit<OperationsDeps, "isReady">): RequestHandler {
  return async (_request, response) => {
    const { status, services } = await health();
    response.json({ success: true, status, version, timestamp: new Date(now()).toISOString(), services });
  };
}

/** Load balancers read the status, people the word. */
function readyHandler(isReady: () => Promise<boolean>): RequestHandler {
  return async (_request, response) => {
    const ready = await isReady();
    if (!ready) response.set("Retry-After", "1");
    response.status(ready ? 200 : 503).json({ ready });
  };
}

const SocketView = z.object({ wsUrl: z.string(), token: z.string(), channels: z.array(z.string()) });

/** For older clients, which ask where to connect. */
export function socketRoutes({ publicUrl }: Pick<OperationsDeps, "publicUrl">): readonly Route[] {
  return [
    route(
      { method: "get", path: "/ws/info", summary: "Where the rooms are", asks: nothing, reply: SocketView },
      async ({ accessToken = "" }) => ({
        wsUrl: publicUrl.replace(/^http/, "ws"),
        token: accessToken,
        channels: ["pair", "waiting"],
      }),
    ),
  ];
}

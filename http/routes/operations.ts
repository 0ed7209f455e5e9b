import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { notStored } from "../middleware.ts";
import { countedAs } from "../observe.ts";
import { nothing, type Route, route } from "../route.ts";
import { notAllowed } from "../serve.ts";

export interface Health {
  /** degraded: it serves, and something it would like to have is away. */
  readonly status: "healthy" | "degraded";
  readonly services: {
    readonly database: "connected" | "unavailable";
    readonly redis: "connected" | "unavailable" | "not configured";
    /** cut off: some of the other processes cannot be reached. */
    readonly realtime: "ready" | "not ready" | "cut off";
  };
}

/** Why no new work should come: words, for anybody may ask. What exactly is wrong is in the log. */
export type NotReady = "starting" | "draining" | "database" | "clock" | "neighbours";

export interface OperationsDeps {
  readonly health: () => Promise<Health>;
  /** All that keeps new work from being sent here; nothing if it may come. */
  readonly notReady: () => Promise<readonly NotReady[]>;
  readonly version: string;
  readonly publicUrl: string;
  readonly now: () => number;
}

/** For load balancers and people who look after it: at the root, and never limited. */
export function operationsRoutes({ notReady, ...deps }: OperationsDeps): Router {
  const look = (path: string, handle: RequestHandler) =>
    Router()
      .all(path, countedAs(path), notStored)
      .get(path, handle)
      .all(path, notAllowed(["GET"]));
  const health = healthHandler(deps);
  return Router().use(look("/health", health), look("/api/v1/health", health), look("/ready", readyHandler(notReady)));
}

function healthHandler({ health, version, now }: Omit<OperationsDeps, "notReady">): RequestHandler {
  return async (_request, response) => {
    const { status, services } = await health();
    response.json({ success: true, status, version, timestamp: new Date(now()).toISOString(), services });
  };
}

/** Load balancers read the status, people the words. */
function readyHandler(notReady: OperationsDeps["notReady"]): RequestHandler {
  return async (_request, response) => {
    const reasons = await notReady();
    if (reasons.length === 0) return void response.json({ ready: true });
    response.set("Retry-After", "1").status(503).json({ ready: false, reasons });
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

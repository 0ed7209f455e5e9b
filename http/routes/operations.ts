import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { nothing, type Route, route } from "../route.ts";

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
  const health = healthHandler(deps);
  return Router()
    .get("/health", health)
    .get("/api/v1/health", health)
    .get("/ready", async (_request, response) => {
      const ready = await isReady();
      if (!ready) response.set("Retry-After", "1");
      response.status(ready ? 200 : 503).json({ ready });
    });
}

function healthHandler({ health, version, now }: Omit<OperationsDeps, "isReady">): RequestHandler {
  return async (_request, response) => {
    const { status, services } = await health();
    response.json({ success: true, status, version, timestamp: new Date(now()).toISOString(), services });
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

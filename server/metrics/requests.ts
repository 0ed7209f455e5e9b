import { Counter, Histogram, type Registry } from "prom-client";
import { LIMITS } from "../../domain/limits.ts";
import type { Limits } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { Served } from "../../http/observe.ts";
import { bounded } from "./bounded.ts";
import { SECONDS } from "./buckets.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** What comes by HTTP, and how it ended. */
export function requestMetrics(registry: Registry) {
  const registers = [registry];
  const routeOf = bounded();
  const requests = new Counter({
    name: "twinship_http_requests_total",
    help: "Requests by route and status; 499: whoever asked did not wait for the answer",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "twinship_http_request_seconds",
    help: "From a request's head until its answer was handed over",
    labelNames: ["method", "route"],
    buckets: SECONDS,
    registers,
  });

  return {
    /** A request begins. Returns what to tell of how it ended. */
    request(): (served: Served) => void {
      const began = performance.now();
      return ({ method, route, status }) => {
        const where = { method: METHODS.has(method) ? method : "other", route: routeOf(route) };
        requests.inc({ ...where, status });
        seconds.observe(where, (performance.now() - began) / 1000);
      };
    },
  };
}

/** What was refused since it came too often. */
export function limitMetrics(registry: Registry) {
  const refusals = new Counter({
    name: "twinship_rate_limit_refusals_total",
    help: "What was refused since it came too often, by limit",
    labelNames: ["limit"],
    registers: [registry],
  });
  for (const limit of Object.keys(LIMITS)) refusals.inc({ limit }, 0);
  const limitOf = bounded();

  return {
    /** The same limits, and every refusal is counted: who looks before a guess and finds nothing left is refused as well. */
    limits: (limits: Limits): Limits => ({
      async look(limit, key) {
        const left = await limits.look(limit, key);
        if (left.remaining <= 0) refusals.inc({ limit: limitOf(limit) });
        return left;
      },
      clear: (limit, key) => limits.clear(limit, key),
      async take(limit, key, points) {
        try {
          return await limits.take(limit, key, points);
        } catch (error) {
          const isSpent = error instanceof Refusal && error.code === "RATE_LIMIT_EXCEEDED";
          if (isSpent) refusals.inc({ limit: limitOf(limit) });
          throw error;
        }
      },
    }),
  };
}

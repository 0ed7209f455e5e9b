import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Limit } from "../../../domain/limits.ts";
import type { Limits } from "../../../domain/ports.ts";
import { type Counter, type LimitTable, limitsOver } from "./counters.ts";

/** Counts in this process. */
export function memoryLimits(table: LimitTable): Limits {
  return limitsOver(table, memoryCounter);
}

export function memoryCounter(name: string, { points, withinMs }: Limit): Counter {
  return counterOver(new RateLimiterMemory({ keyPrefix: name, points, duration: withinMs / 1000 }));
}

/** Too many is thrown there, and an answer like any other here. */
export function counterOver(limiter: RateLimiterAbstract): Counter {
  return {
    add: (key, points) =>
      limiter.consume(key, points).catch((error: unknown) => {
        if (error instanceof RateLimiterRes) return error;
        throw error;
      }),
    read: (key) => limiter.get(key),
    forget: (key) => limiter.delete(key),
  };
}

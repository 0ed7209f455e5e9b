import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Limit, LimitName } from "../../../domain/limits.ts";
import type { Allowance, Limits } from "../../../domain/ports.ts";
import { Refusal } from "../../../domain/refusal.ts";

/** Counts in this process. */
export function memoryLimits(table: Record<LimitName, Limit>): Limits {
  const limiters = new Map<string, RateLimiterMemory>();
  for (const [name, { points, withinMs }] of Object.entries(table)) {
    limiters.set(name, new RateLimiterMemory({ keyPrefix: name, points, duration: withinMs / 1000 }));
  }
  const limiterOf = (name: string): RateLimiterMemory => {
    const limiter = limiters.get(name);
    if (!limiter) throw new Error(`There is no limit "${name}"`);
    return limiter;
  };
  return {
    async take(name, key, points = 1) {
      const limiter = limiterOf(name);
      try {
        return allowanceOf(limiter, await limiter.consume(key, points));
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw spent(allowanceOf(limiter, error));
      }
    },
    async look(name, key) {
      const limiter = limiterOf(name);
      const known = await limiter.get(key);
      return known ? allowanceOf(limiter, known) : { limit: limiter.points, remaining: limiter.points, resetMs: 0 };
    },
    async clear(name, key) {
      await limiterOf(name).delete(key);
    },
  };
}

function allowanceOf({ points }: RateLimiterMemory, { consumedPoints, msBeforeNext }: RateLimiterRes): Allowance {
  return { limit: points, remaining: Math.max(0, points - consumedPoints), resetMs: Math.max(0, msBeforeNext) };
}

function spent(allowance: Allowance): Refusal {
  const retryAfterMs = allowance.resetMs;
  return new Refusal("RATE_LIMIT_EXCEEDED", "That was too often: try again later", { retryAfterMs, allowance });
}

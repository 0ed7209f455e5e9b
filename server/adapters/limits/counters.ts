import type { RateLimiterRes } from "rate-limiter-flexible";
import type { Limit, LimitName } from "../../../domain/limits.ts";
import type { Allowance, Limits } from "../../../domain/ports.ts";
import { Refusal } from "../../../domain/refusal.ts";

export type LimitTable = Readonly<Record<LimitName, Limit>>;

/** What was taken of one limit, by whom. What is beyond the limit is counted too. */
export interface Counter {
  add(key: string, points: number): Promise<RateLimiterRes>;
  /** null: nothing was taken. */
  read(key: string): Promise<RateLimiterRes | null>;
  forget(key: string): Promise<unknown>;
}

/** Every limit of the table, over counters of whichever kind. */
export function limitsOver(table: LimitTable, counterOf: (name: string, limit: Limit) => Counter): Limits {
  const counters = new Map(
    Object.entries(table).map(([name, limit]) => [name, { points: limit.points, counter: counterOf(name, limit) }]),
  );
  const find = (name: string) => {
    const found = counters.get(name);
    if (!found) throw new Error(`There is no limit "${name}"`);
    return found;
  };
  return {
    async take(name, key, points = 1) {
      const { points: most, counter } = find(name);
      const taken = await counter.add(key, points);
      const allowance = allowanceOf(most, taken);
      if (taken.consumedPoints > most) throw spent(allowance);
      return allowance;
    },
    async look(name, key) {
      const { points: most, counter } = find(name);
      const taken = await counter.read(key);
      return taken ? allowanceOf(most, taken) : { limit: most, remaining: most, resetMs: 0 };
    },
    async clear(name, key) {
      await find(name).counter.forget(key);
    },
  };
}

function allowanceOf(limit: number, { consumedPoints, msBeforeNext }: RateLimiterRes): Allowance {
  return { limit, remaining: Math.max(0, limit - consumedPoints), resetMs: Math.max(0, msBeforeNext) };
}

function spent(allowance: Allowance): Refusal {
  const retryAfterMs = allowance.resetMs;
  return new Refusal("RATE_LIMIT_EXCEEDED", "That was too often: try again later", { retryAfterMs, allowance });
}

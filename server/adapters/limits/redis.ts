import { RateLimiterRedis, type RateLimiterRes } from "rate-limiter-flexible";
import type { Limit } from "../../../domain/limits.ts";
import type { Limits } from "../../../domain/ports.ts";
import type { OpenedRedis } from "../redis/open.ts";
import { type Report, sparingly } from "../redis/sparingly.ts";
import { type Counter, type LimitTable, limitsOver } from "./counters.ts";
import { counterOver, memoryCounter } from "./memory.ts";

export interface RedisLimitsDeps {
  readonly redis: Pick<OpenedRedis, "commands" | "isThere">;
  readonly table: LimitTable;
  /** Told of answers that make no sense, once a minute; that Redis is away is said elsewhere. */
  readonly report: Report;
}

/**
 * Counts for all nodes together. Each counts its own as well, and goes by that while Redis is away, frozen, full or
 * talks nonsense: whoever took too much here is refused here, and nobody else.
 */
export function redisLimits({ redis, table, report }: RedisLimitsDeps): Limits {
  const complain = sparingly(report);
  return limitsOver(table, (name, limit) => {
    const shared = sharedCounter(redis, name, limit);
    const here = memoryCounter(name, limit);

    /** undefined: there is nothing to go by. */
    async function ask(question: () => Promise<RateLimiterRes | null>): Promise<RateLimiterRes | null | undefined> {
      if (!redis.isThere()) return undefined;
      try {
        const answer = await question();
        if (answer === null || isPossible(answer, limit)) return answer;
        throw new Error(`Redis counts what cannot be for the limit "${name}"`);
      } catch (error) {
        if (redis.isThere()) complain(error);
        return undefined;
      }
    }

    return {
      async add(key, points) {
        const [ours, all] = await Promise.all([here.add(key, points), ask(() => shared.add(key, points))]);
        return all ?? ours;
      },
      async read(key) {
        const all = await ask(() => shared.read(key));
        return all === undefined ? here.read(key) : all;
      },
      async forget(key) {
        const gone = async () => {
          await shared.forget(key);
          return null;
        };
        await Promise.all([here.forget(key), ask(gone)]);
      },
    };
  });
}

function sharedCounter({ commands }: RedisLimitsDeps["redis"], name: string, { points, withinMs }: Limit): Counter {
  const keyPrefix = `twinship:limit:${name}`;
  return counterOver(new RateLimiterRedis({ storeClient: commands, keyPrefix, points, duration: withinMs / 1000 }));
}

/** A whole number that some time takes back, and no later than the limit says: others may have written there. */
const isPossible = ({ consumedPoints, msBeforeNext }: RateLimiterRes, { withinMs }: Limit): boolean =>
  Number.isSafeInteger(consumedPoints) && consumedPoints >= 0 && msBeforeNext >= 0 && msBeforeNext <= withinMs;

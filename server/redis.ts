import type { Duplex } from "node:stream";
import type { Limits } from "../domain/ports.ts";
import type { LimitTable } from "./adapters/limits/counters.ts";
import { memoryLimits } from "./adapters/limits/memory.ts";
import { redisLimits } from "./adapters/limits/redis.ts";
import type { Nudges } from "./adapters/notices/nudges.ts";
import { redisNudges } from "./adapters/notices/redis-nudges.ts";
import type { ClusterKey } from "./adapters/pipe/cluster-key.ts";
import { type RedisPipes, redisPipes } from "./adapters/pipe/redis.ts";
import { openRedis } from "./adapters/redis/open.ts";
import type { Config } from "./config.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";

export interface RedisPartsDeps {
  readonly config: Pick<Config, "REDIS_URL" | "REDIS_CA">;
  readonly table: LimitTable;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  readonly report: (error: unknown) => void;
}

/** What Redis helps with. Nothing is lost without it: limits hold in each process, and news take two seconds. */
export interface RedisParts {
  readonly limits: Limits;
  readonly nudges: Nudges | undefined;
  /** Ways to nodes that cannot be reached otherwise. */
  pipes(of: { processId: string; key: ClusterKey; accept: (duplex: Duplex) => void }): RedisPipes | undefined;
  /** undefined: there is none, and none is missed. */
  readonly redis: { isUp(): boolean } | undefined;
}

export function openRedisParts({ config, table, lifecycle, log, report }: RedisPartsDeps): RedisParts {
  if (!config.REDIS_URL)
    return { limits: memoryLimits(table), nudges: undefined, pipes: () => undefined, redis: undefined };
  const redis = openRedis({ url: config.REDIS_URL.reveal(), ca: config.REDIS_CA, log });
  lifecycle.add("Redis", () => redis.close());
  return {
    limits: redisLimits({ redis, table, report }),
    nudges: redisNudges(redis),
    pipes: (of) => redisPipes({ redis, log, ...of }),
    redis: { isUp: () => redis.isThere() },
  };
}

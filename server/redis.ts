import type { Duplex } from "node:stream";
import { LocalDriver } from "@colyseus/core";
import type { Clock, Limits, SessionCopies } from "../domain/ports.ts";
import type { LimitTable } from "./adapters/limits/counters.ts";
import { memoryLimits } from "./adapters/limits/memory.ts";
import { redisLimits } from "./adapters/limits/redis.ts";
import type { Nudges } from "./adapters/notices/nudges.ts";
import { redisNudges } from "./adapters/notices/redis-nudges.ts";
import type { ClusterKey } from "./adapters/pipe/cluster-key.ts";
import { type RedisPipes, redisPipes } from "./adapters/pipe/redis.ts";
import { mirroredDriver } from "./adapters/presence/mirror.ts";
import { openRedis } from "./adapters/redis/open.ts";
import { liveCopies } from "./adapters/sessions/live-copy.ts";
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
  /** How sessions stand, a little quicker than from PostgreSQL; "no" is believed of PostgreSQL only. */
  copies(of: { key: ClusterKey; clock: Clock }): SessionCopies | undefined;
  /** Shows operators which rooms there are; who lives is asked, to strike off the rooms of the dead. */
  driver(living: () => Promise<ReadonlySet<string>>): LocalDriver;
  /** undefined: there is none, and none is missed. */
  readonly redis: { isUp(): boolean } | undefined;
}

const withoutRedis = (table: LimitTable): RedisParts => ({
  limits: memoryLimits(table),
  nudges: undefined,
  pipes: () => undefined,
  copies: () => undefined,
  driver: () => new LocalDriver(),
  redis: undefined,
});

export function openRedisParts({ config, table, lifecycle, log, report }: RedisPartsDeps): RedisParts {
  if (!config.REDIS_URL) return withoutRedis(table);
  const redis = openRedis({ url: config.REDIS_URL.reveal(), ca: config.REDIS_CA, log });
  lifecycle.add("Redis", () => redis.close());
  return {
    limits: redisLimits({ redis, table, report }),
    nudges: redisNudges(redis),
    pipes: (of) => redisPipes({ redis, log, ...of }),
    copies: (of) => liveCopies({ redis, report, ...of }),
    driver: (living) => mirroredDriver({ redis, living, report }),
    redis: { isUp: () => redis.isThere() },
  };
}

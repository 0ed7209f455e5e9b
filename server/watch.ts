import type { Pool } from "pg";
import type { MessageMonths } from "./adapters/database/partitions.ts";
import type { Cluster } from "./cluster.ts";
import { askedSeldom } from "./metrics/asked-seldom.ts";
import type { Metrics } from "./metrics.ts";
import type { RedisParts } from "./redis.ts";
import type { Rooms } from "./rooms.ts";

export interface WatchDeps {
  readonly metrics: Metrics;
  readonly pool: Pool;
  readonly commits: Pool;
  readonly rooms: Pick<Rooms, "counts">;
  readonly cluster: Pick<Cluster, "living" | "outOfReach">;
  readonly shared: Pick<RedisParts, "redis">;
  readonly months: Pick<MessageMonths, "ahead">;
  readonly clockOffsetMs: () => number;
  readonly isReady: () => Promise<boolean>;
}

/** Shows what is read when somebody looks. */
export function watchAll({ metrics, pool, commits, rooms, cluster, shared, months, ...deps }: WatchDeps): void {
  const { counts } = rooms;
  metrics.pool("rooms", pool);
  metrics.pool("commits", commits);
  metrics.sockets(counts.waitingBytes);
  metrics.gauge("twinship_rooms", counts.pairs);
  metrics.gauge("twinship_waiting_rooms", counts.waiting);
  metrics.gauge("twinship_ready", async () => Number(await deps.isReady()));
  metrics.gauge("twinship_clock_offset_seconds", () => deps.clockOffsetMs() / 1000);
  metrics.gauge(
    "twinship_partitions_ahead_months",
    askedSeldom(() => months.ahead()),
  );
  metrics.gauge("twinship_neighbours", cluster.living);
  metrics.gauge("twinship_neighbours_unreachable", cluster.outOfReach);
  metrics.gauge("twinship_redis_up", () => shared.redis && Number(shared.redis.isUp()));
}

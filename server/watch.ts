import type { Pool } from "pg";
import type { DeliveryCount } from "../domain/delivery-figures.ts";
import type { MediaCount } from "../domain/media-figures.ts";
import type { ReportCounts } from "../domain/report-figures.ts";
import type { SubscriptionFigures } from "../domain/subscriptions/figures.ts";
import type { MessageMonths } from "./adapters/database/partitions.ts";
import type { JobQueue } from "./adapters/jobs/boss.ts";
import type { Cluster } from "./cluster.ts";
import { askedSeldom } from "./metrics/asked-seldom.ts";
import type { Metrics } from "./metrics.ts";
import type { Post } from "./post.ts";
import type { RedisParts } from "./redis.ts";
import type { Rooms } from "./rooms.ts";
import type { Shop } from "./store.ts";

/** pg-boss counts its jobs about that often. */
const QUEUE_MS = 10_000;

/** All rows are looked at: as often as somebody looks at a graph. */
const MEDIA_MS = 60_000;

export interface WatchDeps {
  readonly metrics: Metrics;
  readonly pool: Pool;
  readonly commits: Pool;
  readonly rooms: Pick<Rooms, "counts">;
  /** Before the door. */
  readonly line: { readonly waiting: number };
  readonly cluster: Pick<Cluster, "living" | "outOfReach">;
  readonly shared: Pick<RedisParts, "redis">;
  readonly months: Pick<MessageMonths, "ahead">;
  readonly clockOffsetMs: () => number;
  readonly isReady: () => Promise<boolean>;
  readonly queue: Pick<JobQueue, "figures">;
  readonly deliveryCounts: () => Promise<readonly DeliveryCount[]>;
  readonly mediaCounts: () => Promise<readonly MediaCount[]>;
  readonly reportCounts: () => Promise<ReportCounts>;
  /** Of whoever sends here; nobody does where a worker is by itself. */
  readonly circuits: Post["circuits"];
  readonly subscriptionFigures: () => Promise<SubscriptionFigures>;
  readonly storeCircuit: Shop["circuit"];
}

/** Shows what is read when somebody looks. */
export function watchAll({ metrics, pool, commits, rooms, cluster, shared, months, ...deps }: WatchDeps): void {
  const { counts } = rooms;
  metrics.pool("rooms", pool);
  metrics.pool("commits", commits);
  metrics.sockets(counts.waitingBytes);
  metrics.gauge("twinship_rooms", counts.pairs);
  metrics.gauge("twinship_waiting_rooms", counts.waiting);
  metrics.gauge("twinship_joins_waiting", () => deps.line.waiting);
  metrics.gauge("twinship_ready", async () => Number(await deps.isReady()));
  metrics.gauge("twinship_clock_offset_seconds", () => deps.clockOffsetMs() / 1000);
  metrics.gauge(
    "twinship_partitions_ahead_months",
    askedSeldom(() => months.ahead()),
  );
  metrics.gauge("twinship_neighbours", cluster.living);
  metrics.gauge("twinship_neighbours_unreachable", cluster.outOfReach);
  metrics.gauge("twinship_redis_up", () => shared.redis && Number(shared.redis.isUp()));
  watchWork(metrics, deps);
  watchPremium(metrics, deps);
  watchMedia(metrics, deps.mediaCounts);
  metrics.table(
    "twinship_reports",
    askedSeldom(async () =>
      Object.entries(await deps.reportCounts()).map(([state, value]) => ({ labels: { state }, value })),
    ),
  );
}

/** What is done later, and what leaves. */
function watchWork(
  metrics: Metrics,
  {
    queue,
    deliveryCounts,
    circuits,
    storeCircuit,
  }: Pick<WatchDeps, "queue" | "deliveryCounts" | "circuits" | "storeCircuit">,
): void {
  metrics.table(
    "twinship_queue_jobs",
    askedSeldom(
      async () =>
        (await queue.figures()).flatMap(({ kind, waiting, underWay }) => [
          { labels: { kind, state: "waiting" }, value: waiting },
          { labels: { kind, state: "under_way" }, value: underWay },
        ]),
      QUEUE_MS,
    ),
  );
  metrics.table(
    "twinship_deliveries",
    askedSeldom(async () =>
      (await deliveryCounts()).map(({ channel, status, count }) => ({ labels: { channel, status }, value: count })),
    ),
  );
  metrics.table("twinship_provider_up", () => {
    const store = storeCircuit();
    const all = [...circuits(), ...(store ? [{ channel: "store", state: store }] : [])];
    return all.map(({ channel, state }) => ({ labels: { channel }, value: Number(state === "closed") }));
  });
}

/** How many have premium, and how many came and went. */
function watchPremium(metrics: Metrics, { subscriptionFigures }: Pick<WatchDeps, "subscriptionFigures">): void {
  const figures = askedSeldom(subscriptionFigures);
  metrics.table("twinship_subscriptions", async () =>
    (await figures())?.statuses.map(({ status, count }) => ({ labels: { status }, value: count })),
  );
  metrics.table("twinship_subscription_changes", async () =>
    (await figures())?.changes.map(({ change, count }) => ({ labels: { change }, value: count })),
  );
}

/** What is kept in the store, by what the database knows of it. */
function watchMedia(metrics: Metrics, mediaCounts: WatchDeps["mediaCounts"]): void {
  const counted = askedSeldom(mediaCounts, MEDIA_MS);
  const rows = async (of: "count" | "bytes") =>
    (await counted())?.map(({ purpose, status, ...figures }) => ({ labels: { purpose, status }, value: figures[of] }));
  metrics.table("twinship_media_rows", () => rows("count"));
  metrics.table("twinship_media_bytes", () => rows("bytes"));
}

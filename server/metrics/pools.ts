import { Gauge, type Registry } from "prom-client";

/** What is counted of a `pg.Pool`. */
export interface CountedPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Connections to PostgreSQL. */
export function poolMetrics(registry: Registry) {
  const pools = new Map<string, CountedPool>();
  const registers = [registry];
  new Gauge({
    name: "twinship_database_connections",
    help: "Connections to PostgreSQL, by pool and by whether they have something to do",
    labelNames: ["pool", "state"],
    registers,
    collect() {
      for (const [pool, { totalCount, idleCount }] of pools) {
        this.set({ pool, state: "idle" }, idleCount);
        this.set({ pool, state: "busy" }, totalCount - idleCount);
      }
    },
  });
  new Gauge({
    name: "twinship_database_waiting",
    help: "Who waits for a connection to PostgreSQL, by pool",
    labelNames: ["pool"],
    registers,
    collect() {
      for (const [pool, { waitingCount }] of pools) this.set({ pool }, waitingCount);
    },
  });

  return {
    pool(name: "domain" | "rooms" | "commits" | "replica", pool: CountedPool): void {
      pools.set(name, pool);
    },
  };
}

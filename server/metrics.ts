import { Registry } from "prom-client";
import { commandMetrics } from "./metrics/commands.ts";
import { commitMetrics } from "./metrics/commits.ts";
import { gauges } from "./metrics/gauges.ts";
import { jobMetrics } from "./metrics/jobs.ts";
import { watchLoopLag } from "./metrics/loop-lag.ts";
import { ownershipMetrics } from "./metrics/ownership.ts";
import { poolMetrics } from "./metrics/pools.ts";
import { processMetrics } from "./metrics/process.ts";
import { limitMetrics, requestMetrics } from "./metrics/requests.ts";
import { tables } from "./metrics/tables.ts";

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * All figures of this process as Prometheus reads them, and the functions that count. Those are handed to whoever knows
 * what happens, as plain functions; nobody else has heard of Prometheus. Labels are words from lists in the code: no
 * ids, and nothing that anybody wrote.
 */
export function createMetrics({ version }: { readonly version: string }) {
  const registry = new Registry();
  const lag = watchLoopLag();
  const gauge = gauges(registry);
  processMetrics(registry, version, lag);
  return {
    ...commandMetrics(registry),
    ...ownershipMetrics(registry),
    ...commitMetrics(registry),
    ...requestMetrics(registry),
    ...limitMetrics(registry),
    ...poolMetrics(registry),
    ...jobMetrics(registry),
    gauge,
    table: tables(registry),

    /** `read` says of each socket how many bytes wait for it. */
    sockets(read: () => Iterable<number>): void {
      gauge("twinship_connections", () => [...read()].length);
      gauge("twinship_waiting_bytes", () => [...read()].reduce((sum, bytes) => sum + bytes, 0));
      gauge("twinship_waiting_max_bytes", () => [...read()].reduce((most, bytes) => Math.max(most, bytes), 0));
    },

    async figures(): Promise<{ readonly contentType: string; readonly text: string }> {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },

    /** Of every metric, whether or not it has a value yet. */
    names: (): readonly string[] => registry.getMetricsAsArray().map(({ name }) => name),

    stop: (): void => lag.stop(),
  };
}

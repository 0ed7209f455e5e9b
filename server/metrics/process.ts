import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";
import type { LoopLag } from "./loop-lag.ts";

/** Theirs counts the interval it measures by, and forgets at each scrape: ours stands in its place. */
const REPLACED = /^nodejs_eventloop_lag/;

/** Rarely enough to cost nothing, since nobody reads it. */
const UNREAD_MS = 1000;

/** What every Node process is asked for, under the names that everybody's dashboards know; and what is ours alone. */
export function processMetrics(registry: Registry, version: string, lag: Pick<LoopLag, "read">): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: UNREAD_MS });
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  for (const name of names) if (REPLACED.test(name)) registry.removeSingleMetric(name);
  new Gauge({
    name: "twinship_info",
    help: "1, and which version of the server this is",
    labelNames: ["version"],
    registers: [registry],
  }).set({ version }, 1);
  new Gauge({
    name: "twinship_event_loop_lag_seconds",
    help: "How late this process came to its work, in the last 15 to 30 seconds",
    labelNames: ["quantile"],
    registers: [registry],
    collect() {
      for (const [quantile, seconds] of lag.read()) this.set({ quantile }, seconds);
    },
  });
}

import { Counter, Histogram, type Registry } from "prom-client";
import { bounded } from "./bounded.ts";
import { JOB_SECONDS } from "./buckets.ts";

/** What is done beside the answers. */
export function jobMetrics(registry: Registry) {
  const registers = [registry];
  const nameOf = bounded();
  const jobs = new Counter({
    name: "twinship_jobs_total",
    help: "What was done beside the answers, by name and by how it ended",
    labelNames: ["name", "outcome"],
    registers,
  });
  const seconds = new Histogram({
    name: "twinship_job_seconds",
    help: "How long it took",
    labelNames: ["name"],
    buckets: JOB_SECONDS,
    registers,
  });

  return {
    job(name: string, outcome: "ok" | "failed", took: number): void {
      jobs.inc({ name: nameOf(name), outcome });
      seconds.observe({ name: nameOf(name) }, took);
    },
  };
}

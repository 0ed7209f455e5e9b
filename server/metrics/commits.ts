import { Counter, Histogram, type Registry } from "prom-client";
import type { Batch } from "../../rooms/durable/committer.ts";
import { ROWS } from "./buckets.ts";

const OUTCOMES = ["written", "skipped", "unsure", "poisoned"] as const;

/** What rooms want written, and how it fared. */
export function commitMetrics(registry: Registry) {
  const registers = [registry];
  const appends = new Counter({
    name: "twinship_appends_total",
    help: "written; skipped: the pair had moved, or its row was held; unsure: nobody answered; poisoned: it never will be",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of OUTCOMES) appends.inc({ outcome }, 0);
  const perBatch = new Histogram({
    name: "twinship_batch_appends",
    help: "Rooms that shared one write",
    buckets: ROWS,
    registers,
  });
  const rowsPerBatch = new Histogram({
    name: "twinship_batch_rows",
    help: "Rows of history in one write",
    buckets: ROWS,
    registers,
  });

  return {
    /** For the committer: one write, and how it ended. */
    batch({ appends: count, rows, left, outcome }: Batch): void {
      perBatch.observe(count);
      rowsPerBatch.observe(rows);
      appends.inc({ outcome }, count - left);
      if (left > 0) appends.inc({ outcome: "skipped" }, left);
    },
  };
}

import type { Cluster } from "../support/cluster.ts";
import { assertNoHarm, type Conversation, type Outcome } from "../support/conversation.ts";
import { Reliability, tableOf } from "../support/reliability.ts";
import { type Fault, machine, underFault as measured } from "./under-fault.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);

const results = new Reliability();

// Said at the root of the run, since this file is read before any suite begins.
after(() => {
  if (results.rows.length === 0) return;
  const file = results.save("suite", { at: new Date().toISOString(), machine: machine(), seed: SEED });
  console.log(`\n${tableOf(results.rows)}\n\nseed ${SEED}; figures in ${file}`);
});

/** Does that while people talk, and fails if anything was lost, doubled or forked. */
export async function underFault(
  cluster: Cluster,
  fault: Fault,
  inject: (talk: Conversation) => Promise<void>,
): Promise<Outcome> {
  const outcome = await measured(cluster, { ...fault, results, seed: SEED + results.rows.length }, inject);
  assertNoHarm(outcome);
  return outcome;
}

import { cpus } from "node:os";
import type { Cluster } from "../support/cluster.ts";
import { assertNoHarm, Conversation, type Outcome } from "../support/conversation.ts";
import { Reliability, tableOf } from "../support/reliability.ts";

/** What is done to a cluster while people talk on it. */
export interface Fault {
  /** As the table calls it. */
  readonly fault: string;
  /** The promises it attacks. */
  readonly invariant: string;
  readonly pairs?: number;
  readonly pauseMs?: number;
  /** How often `inject` does it. */
  readonly runs?: number;
}

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);

const results = new Reliability();

// Said at the root of the run, since this file is read before any suite begins.
after(() => {
  if (results.rows.length === 0) return;
  const file = results.save("suite", { name: "suite", at: new Date().toISOString(), machine: machine(), seed: SEED });
  console.log(`\n${tableOf(results.rows)}\n\nseed ${SEED}; figures in ${file}`);
});

export const machine = (): string => `${cpus().length} × ${cpus()[0]?.model.trim() ?? "?"}, Node ${process.version}`;

/**
 * Lets some pairs talk, does it, and lets them talk on; then holds all that they asked, were answered and heard against
 * what there is. `inject` must leave the cluster whole, and prove that its fault was one.
 */
export async function underFault(
  cluster: Cluster,
  { fault, invariant, runs = 1, ...how }: Fault,
  inject: (talk: Conversation) => Promise<void>,
): Promise<Outcome> {
  const talk = await Conversation.begin(cluster, { seed: SEED + results.rows.length, ...how });
  try {
    await talk.goesOn();
    await inject(talk);
    await talk.goesOn();
  } catch (error) {
    await talk.stop();
    throw error;
  }
  const outcome = await talk.end();
  const { acknowledged, violations, gaps } = outcome;
  results.add({ fault, invariant, runs, acknowledged, violations, gaps });
  assertNoHarm(outcome);
  return outcome;
}

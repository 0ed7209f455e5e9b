import { cpus } from "node:os";
import type { Cluster } from "../support/cluster.ts";
import { Conversation, type Outcome } from "../support/conversation.ts";
import type { Reliability } from "../support/reliability.ts";

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

/**
 * Lets some pairs talk, does it, and lets them talk on; then holds all that they asked, were answered and heard against
 * what there is. `inject` must leave the cluster whole, and prove that its fault was one.
 */
export async function underFault(
  cluster: Cluster,
  {
    fault,
    invariant,
    runs = 1,
    seed,
    results,
    ...how
  }: Fault & { readonly seed: number; readonly results: Reliability },
  inject: (talk: Conversation) => Promise<void>,
): Promise<Outcome> {
  const talk = await Conversation.begin(cluster, { seed, ...how });
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
  return outcome;
}

export const machine = (): string => `${cpus().length} × ${cpus()[0]?.model.trim() ?? "?"}, Node ${process.version}`;

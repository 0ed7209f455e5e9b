import type { Duplex } from "node:stream";

/** Another process of the cluster, as the list of processes has it. */
export interface Neighbour {
  readonly processId: string;
  /** `host:port` of its HTTP server, as other nodes reach it. */
  readonly address: string;
}

/** Ways to other processes, whatever carries the bytes. */
export interface Pipes {
  /**
   * A duplex to that very process, verified under the cluster's key; its other end is a connection of that process's
   * HTTP server. Rejects with NoWay, which takes `answerMs` at most, in which this process could listen; ANSWER_MS if it is
   * not said. Where there are several ways to choose from, it is how long the one that none is known to has.
   */
  open(to: Neighbour, signal?: AbortSignal, answerMs?: number): Promise<Duplex>;
  /** Somebody was answered by that process over a pipe that is open. */
  heard?(processId: string): void;
  close(): Promise<void>;
}

/**
 * `refused`: nobody listens there. `silent`: no answer in time. `unreachable`: the network knows no way. `gone`: another
 * process of this cluster lives there by now. `stranger`: whoever answers does not prove to be of this cluster.
 */
export type NoWayWhy = "refused" | "silent" | "unreachable" | "gone" | "stranger";

export class NoWay extends Error {
  override readonly name = "NoWay";
  readonly why: NoWayWhy;

  constructor(why: NoWayWhy, { processId, address }: Neighbour, options?: ErrorOptions) {
    super(`There is no way to ${processId} at ${address}: ${why}`, options);
    this.why = why;
  }
}

/** How long somebody may take to answer that they are there. */
export const ANSWER_MS = 250;

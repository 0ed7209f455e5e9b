import { ANSWER_MS, type Neighbour, NoWay } from "../pipe/pipe.ts";
import { askNode } from "./asking.ts";
import type { Calls } from "./calls.ts";
import { CALLS } from "./wire.ts";

/** Whoever fell silent longer ago is no neighbour any more. */
export const LIVING_MS = 1500;

const AGAIN_MS = 250;

/** It looks for a way back before it answers: two more questions. */
const HELLO_MS = 4 * ANSWER_MS;

interface Listed extends Neighbour {
  readonly silentMs: number;
}

export interface GreetingDeps {
  readonly calls: Pick<Calls, "call">;
  readonly listed: () => Promise<readonly Listed[]>;
  /** Hears of each that was reached. */
  readonly met: (neighbour: Neighbour) => void;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

const WORDS = {
  refused: "nobody listens there",
  silent: "there is no answer",
  unreachable: "the network knows no way",
  gone: "another node answers there: each must have a NODE_ADDRESS of its own",
  stranger: "who answers there has another CLUSTER_KEY, or is no node of ours",
} as const;

/**
 * A node is not ready before every other one that lives was reached, and reaches it: a node without a way to the others
 * would fight with them over pairs. Ends once all is well; what stands against it is said once and can be read meanwhile.
 */
export class Greeting {
  readonly #deps: GreetingDeps;
  #problem: string | undefined = "the others have not been greeted yet";
  #isStopped = false;

  constructor(deps: GreetingDeps) {
    this.#deps = deps;
  }

  /** Why this node cannot work with the others; undefined if it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async greet(self: Neighbour): Promise<void> {
    const { wait, log } = this.#deps;
    for (let said: string | undefined; !this.#isStopped; ) {
      this.#problem = await this.#greetAll(self);
      if (this.#problem === undefined) return;
      if (said !== this.#problem)
        log.warn({ problem: this.#problem }, "not ready: the way to the other nodes is not there");
      said = this.#problem;
      await wait(AGAIN_MS);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #greetAll(self: Neighbour): Promise<string | undefined> {
    try {
      const all = await this.#deps.listed();
      const living = all.filter(({ silentMs }) => silentMs < LIVING_MS);
      const others = living.filter(({ processId }) => processId !== self.processId);
      const problems = await Promise.all(others.map((other) => this.#greetOne(self, other)));
      return problems.find((problem) => problem !== undefined);
    } catch {
      return "the list of nodes cannot be read";
    }
  }

  async #greetOne(self: Neighbour, other: Listed): Promise<string | undefined> {
    const at = `${other.processId} at ${other.address}`;
    try {
      const { processId, address } = self;
      const { reachesYou, why } = await askNode(this.#deps.calls, other, CALLS.hello, { processId, address }, HELLO_MS);
      this.#deps.met(other);
      if (reachesYou) return undefined;
      return `${at} finds no way to this node's NODE_ADDRESS ${address} (${why ?? "no reason given"})`;
    } catch (error) {
      return `${at}: ${error instanceof NoWay ? WORDS[error.why] : "the way there broke"}`;
    }
  }
}

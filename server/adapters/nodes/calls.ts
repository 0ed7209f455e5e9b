import { createHash } from "node:crypto";
import { Agent, type IncomingHttpHeaders, type RequestOptions, request } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import type { ClusterKey } from "../pipe/cluster-key.ts";
import { type Neighbour, NoWay, type Pipes } from "../pipe/pipe.ts";

/** Where nodes call each other, one path a call. */
export const CALLS_PATH = "/cluster/v1/";

/** A call that somebody wrote down cannot be made again later than that. */
const FRESH_MS = 60_000;

export interface CallsDeps {
  readonly pipes: Pipes;
  readonly key: ClusterKey;
  /** The same for all nodes: the database's. */
  readonly now: () => number;
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

export interface Calls {
  /** Rejects with NoWay if the neighbour cannot be asked, or with whatever broke on the way. */
  call(to: Neighbour, name: string, body: object, limitMs: number): Promise<Answered>;
  close(): void;
}

/** Signed HTTP over pipes, a few of which are kept open to each neighbour. */
export function clusterCalls({ pipes, key, now }: CallsDeps): Calls {
  const agents = new Map<string, PipeAgent>();
  const agentOf = (to: Neighbour): PipeAgent => {
    const known = agents.get(to.processId);
    if (known?.to.address === to.address) return known;
    known?.destroy();
    // Processes come and go: those to whom no pipe is open by now may well be gone.
    for (const [processId, agent] of agents) if (agent.isIdle) agents.delete(processId);
    const agent = new PipeAgent(pipes, to, () => agents.delete(to.processId));
    agents.set(to.processId, agent);
    return agent;
  };

  return {
    async call(to, name, body, limitMs) {
      const content = JSON.stringify(body);
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(content),
        ...signatureOf(key, { name, to: to.processId, at: now(), content }),
      };
      const agent = agentOf(to);
      const how = { agent, method: "POST", path: `${CALLS_PATH}${name}`, headers };
      try {
        const answered = await ask(how, content, to, limitMs);
        pipes.heard?.(to.processId);
        return answered;
      } catch (error) {
        // Where one that was kept is broken, the others are as well: the next call is made over a new one.
        agent.dropKept();
        throw error;
      }
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

interface Signed {
  readonly name: string;
  readonly to: string;
  readonly at: number;
  readonly content: string;
}

export function signatureOf(key: ClusterKey, { name, to, at, content }: Signed) {
  return {
    "x-cluster-to": to,
    "x-cluster-time": String(at),
    "x-cluster-proof": key.prove("call", name, to, String(at), digestOf(content)),
  };
}

/** Whether a call was signed by a node of this cluster, for this very process, just now. */
export function isSigned(
  key: ClusterKey,
  headers: IncomingHttpHeaders,
  { name, to, at: now, content }: Signed,
): boolean {
  const time = String(headers["x-cluster-time"]);
  const proof = String(headers["x-cluster-proof"]);
  const isFresh = Math.abs(now - Number(time)) <= FRESH_MS;
  return isFresh && headers["x-cluster-to"] === to && key.isProof(proof, "call", name, to, time, digestOf(content));
}

const digestOf = (content: string): string => createHash("sha256").update(content).digest("base64url");

function ask(options: RequestOptions, content: string, to: Neighbour, limitMs: number): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const asked = request(options);
  let isAnswered = false;
  const tooLate = setTimeout(() => asked.destroy(new NoWay("silent", to)), limitMs);
  asked.once("error", reject);
  asked.once("close", () => {
    clearTimeout(tooLate);
    if (!isAnswered) reject(new NoWay("silent", to));
  });
  asked.once("response", (answer) => {
    isAnswered = true;
    const read = async () => ({ status: answer.statusCode ?? 0, body: JSON.parse(await text(answer)) });
    read().then(resolve, reject);
  });
  asked.end(content);
  return promise;
}

/** Pipes to one neighbour, kept while they are used. */
class PipeAgent extends Agent {
  readonly to: Neighbour;
  readonly #pipes: Pipes;
  readonly #lost: () => void;

  /** `lost` hears that there is no way any more: the next call begins anew. */
  constructor(pipes: Pipes, to: Neighbour, lost: () => void) {
    super({ keepAlive: true, maxSockets: PIPES, maxFreeSockets: PIPES, timeout: IDLE_MS });
    this.#pipes = pipes;
    this.to = to;
    this.#lost = lost;
  }

  /** No pipe is open, and none is asked for. */
  get isIdle(): boolean {
    return [this.sockets, this.freeSockets, this.requests].every((open) => Object.keys(open).length === 0);
  }

  /** Lets go of the pipes that nobody uses at the moment. */
  dropKept(): void {
    for (const kept of Object.values(this.freeSockets)) for (const pipe of [...(kept ?? [])]) pipe.destroy();
  }

  override createConnection(_options: object, done: (error: Error | null, duplex: Duplex) => void): undefined {
    this.#pipes.open(this.to).then(
      (duplex) => done(null, duplex),
      (error: Error) => {
        this.#lost();
        Reflect.apply(done, undefined, [error]);
      },
    );
  }
}

/** Enough for a crowd that comes at once; more would only be opened and closed again. */
const PIPES = 16;

/** Shorter than servers keep an idle connection. */
const IDLE_MS = 30_000;

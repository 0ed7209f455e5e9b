import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { RoomsOfOne } from "../../rooms/neighbours.ts";
import { answerNodes } from "../../server/adapters/nodes/answering.ts";
import { type Calls, clusterCalls } from "../../server/adapters/nodes/calls.ts";
import { Forwarding } from "../../server/adapters/nodes/forwarding.ts";
import type { Departing } from "../../server/adapters/nodes/wire.ts";
import { clusterKey } from "../../server/adapters/pipe/cluster-key.ts";
import type { Neighbour, Pipes } from "../../server/adapters/pipe/pipe.ts";
import { acceptTcpPipes, PIPE_PATH, tcpPipes } from "../../server/adapters/pipe/tcp.ts";

export const KEY = "a key that the nodes of these tests share";

export interface NodeOptions {
  readonly processId: string;
  readonly keys?: readonly string[];
  readonly rooms?: Partial<RoomsOfOne>;
  readonly now?: () => number;
  /** What it says of the way to whoever greets it. */
  readonly reach?: (neighbour: Neighbour) => Promise<string | undefined>;
}

/** The part of a process that talks to others, on a real port, without any rooms of its own. */
export class TestNode {
  readonly processId: string;
  readonly pipes: Pipes;
  readonly calls: Calls;
  readonly forwarding: Forwarding;
  readonly known = new Map<string, Neighbour>();
  readonly departed: Departing[] = [];
  readonly reported: unknown[] = [];
  readonly #http: Server;

  private constructor({ processId, keys = [KEY], rooms = {}, now = Date.now, reach }: NodeOptions) {
    this.processId = processId;
    const key = clusterKey(keys);
    this.pipes = tcpPipes({ key });
    this.calls = clusterCalls({ pipes: this.pipes, key, now });
    const report = (error: unknown) => void this.reported.push(error);
    const [pipes, calls] = [this.pipes, this.calls];
    const neighbour = async (id: string) => this.known.get(id);
    this.forwarding = new Forwarding({
      ...{ pipes, calls, processId, neighbour, forwarded: () => () => undefined, report },
      isBeating: async () => false,
    });
    const answer = answerNodes({
      key,
      processId,
      now,
      rooms: { ...nobodyIsHere, ...rooms },
      depart: (seats) => void this.departed.push(...seats),
      reach: reach ?? (async () => undefined),
      report,
    });
    this.#http = createServer((request: IncomingMessage, response: ServerResponse) => {
      if (!answer(request, response)) response.writeHead(404).end();
    });
    const accept = acceptTcpPipes({ key, processId, accept: (duplex) => void this.#http.emit("connection", duplex) });
    this.#http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.url === PIPE_PATH) accept(request, socket, head);
      else if (this.forwarding.isElsewhere(request)) void this.forwarding.forward(request, socket, head);
      else this.#http.emit("seat", request, socket, head);
    });
  }

  static async start(options: NodeOptions): Promise<TestNode> {
    const node = new TestNode(options);
    node.#http.listen(0, "127.0.0.1");
    await once(node.#http, "listening");
    return node;
  }

  get port(): number {
    const address = this.#http.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  get self(): Neighbour {
    return { processId: this.processId, address: `127.0.0.1:${this.port}` };
  }

  /** Sockets for seats here. */
  onSeat(take: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void {
    this.#http.on("seat", take);
  }

  async stop(): Promise<void> {
    this.calls.close();
    await this.pipes.close();
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

const nobody = async () => {
  throw new Error("This node was not to be asked for that");
};

const nobodyIsHere: RoomsOfOne = { reserve: nobody, execute: nobody, mark: nobody, inspect: nobody };

import { once } from "node:events";
import { get } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

export interface BalancerOptions {
  readonly port?: number;
  readonly host?: string;
  /** Ports on this machine. */
  readonly backends: readonly number[];
}

const LOOK_EVERY_MS = 200;

/** Who takes longer to say that it is ready is not. */
const ANSWER_MS = 500;

/**
 * As plain as balancers are: whoever connects is connected to the next backend in turn, of those that say at /ready that
 * they are; where nobody listens, to the one after. It knows nothing of people, pairs and sockets.
 */
export class Balancer {
  readonly port: number;
  readonly #server: Server;
  readonly #backends: readonly number[];
  readonly #ready = new Set<number>();
  readonly #open = new Set<Socket>();
  readonly #ending = new AbortController();
  #turn = 0;

  private constructor(server: Server, port: number, backends: readonly number[]) {
    this.#server = server;
    this.port = port;
    this.#backends = backends;
    server.on("connection", (client) => this.#accept(client));
    for (const backend of backends) void this.#watch(backend);
  }

  static async open({ port = 0, host = "127.0.0.1", backends }: BalancerOptions): Promise<Balancer> {
    const server = createServer({ pauseOnConnect: true, noDelay: true });
    server.listen(port, host);
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("A TCP server has a port");
    return new Balancer(server, address.port, backends);
  }

  /** Those that would be connected to now. */
  get ready(): readonly number[] {
    return this.#backends.filter((backend) => this.#ready.has(backend));
  }

  async close(): Promise<void> {
    this.#ending.abort();
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #watch(backend: number): Promise<void> {
    while (!this.#ending.signal.aborted) {
      if (await isReady(backend)) this.#ready.add(backend);
      else this.#ready.delete(backend);
      await wait(LOOK_EVERY_MS, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
  }

  #accept(client: Socket): void {
    this.#keep(client);
    const turn = this.#turn++;
    // As others do: with nobody ready, somebody may still be better than nobody.
    const inTurn = this.#ready.size > 0 ? this.ready : this.#backends;
    void this.#connect(
      client,
      inTurn.map((_, n) => inTurn[(turn + n) % inTurn.length] ?? 0),
    );
  }

  async #connect(client: Socket, [first, ...others]: readonly number[]): Promise<void> {
    if (first === undefined) return void client.destroy();
    const backend = connect({ port: first, host: "127.0.0.1", noDelay: true });
    this.#keep(backend);
    try {
      await once(backend, "connect");
    } catch {
      return this.#connect(client, others);
    }
    client.on("close", () => backend.destroy());
    backend.on("close", () => client.destroy());
    client.pipe(backend).pipe(client);
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#open.delete(socket));
  }
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ port, host: "127.0.0.1", path: "/ready", agent: false, timeout: ANSWER_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
  });
}

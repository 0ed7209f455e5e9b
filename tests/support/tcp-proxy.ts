import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Which way bytes go: to the target, from it, or both. */
export type Direction = "there" | "back" | "both";

/**
 * A wire that a test can hurt. It stands between one process and a port; what it holds back is not lost, as a network
 * that comes back delivers what TCP sends again, unless the connections are cut meanwhile.
 */
export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  readonly #state: State = { held: undefined, delayMs: 0, heldBytes: 0 };
  /** Connections that were cut, or turned away. */
  cutOff = 0;
  #isOpen = true;

  private constructor(server: Server, port: number, target: () => number) {
    this.#server = server;
    this.port = port;
    server.on("connection", (client) => this.#accept(client, target()));
  }

  /** `target` is asked at each connection: whoever stands there may move. */
  static async open(target: () => number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("A TCP server has a port");
    return new TcpProxy(server, address.port, target);
  }

  /** Connections that are open through it. */
  get connections(): number {
    return this.#lines.size;
  }

  /** Bytes that were held back so far: a fault that held none did not happen. */
  get heldBytes(): number {
    return this.#state.heldBytes;
  }

  /** Cuts every connection and lets nobody connect any more. */
  async refuse(): Promise<void> {
    this.cut();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#server.close();
  }

  /** From now on nothing comes through that way, and nobody is told. Who connects is connected to silence. */
  hold(direction: Direction = "both"): void {
    this.#state.held = direction;
  }

  /** Every piece arrives so much later. */
  delay(ms: number): void {
    this.#state.delayMs = ms;
  }

  /** What was said and not delivered is lost, and both ends hear that their connection broke. */
  cut(): void {
    for (const line of this.#lines) {
      this.cutOff += 1;
      line.cut();
    }
  }

  /** As if nothing had been: what was held back arrives now. */
  async heal(): Promise<void> {
    Object.assign(this.#state, { held: undefined, delayMs: 0 });
    for (const line of this.#lines) line.flush();
    if (this.#isOpen) return;
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#isOpen = true;
  }

  async close(): Promise<void> {
    for (const line of this.#lines) line.cut();
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket, port: number): void {
    const line = new Line(client, connect({ port, host: "127.0.0.1", allowHalfOpen: true }), this.#state);
    this.#lines.add(line);
    line.onGone(() => this.#lines.delete(line));
  }
}

interface State {
  held: Direction | undefined;
  delayMs: number;
  heldBytes: number;
}

/** One connection, and its other half. */
class Line {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #ways: readonly Way[];

  constructor(client: Socket, target: Socket, state: State) {
    this.#client = client;
    this.#target = target;
    this.#ways = [new Way(client, target, state, "there"), new Way(target, client, state, "back")];
  }

  flush(): void {
    for (const way of this.#ways) way.flush();
  }

  cut(): void {
    breakOff(this.#client);
    breakOff(this.#target);
  }

  onGone(tell: () => void): void {
    const check = () => {
      if (this.#client.closed && this.#target.closed) tell();
    };
    this.#client.on("close", check);
    this.#target.on("close", check);
  }
}

type Piece = { readonly due: number } & (
  | { readonly type: "bytes"; readonly bytes: Buffer }
  | { readonly type: "end" }
  | { readonly type: "broken" }
);

/** One direction of a connection. Its end and its breaking are pieces like others: held back, they are not heard of. */
class Way {
  readonly #to: Socket;
  readonly #from: Socket;
  readonly #state: State;
  readonly #direction: "there" | "back";
  readonly #pieces: Piece[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, state: State, direction: "there" | "back") {
    this.#from = from;
    this.#to = to;
    this.#state = state;
    this.#direction = direction;
    from.on("data", (bytes) => this.#take({ type: "bytes", bytes: Buffer.from(bytes), due: this.#due() }));
    from.on("end", () => this.#take({ type: "end", due: this.#due() }));
    from.on("error", () => undefined);
    from.on("close", (hadError) => {
      if (hadError || !from.readableEnded) this.#take({ type: "broken", due: this.#due() });
    });
    to.on("drain", () => from.resume());
    to.on("close", () => clearTimeout(this.#timer));
    from.resume();
  }

  flush(): void {
    clearTimeout(this.#timer);
    while (!this.#isHeld()) {
      const [next] = this.#pieces;
      if (!next) return;
      const early = next.due - performance.now();
      if (early > 0 && this.#state.delayMs > 0) {
        this.#timer = setTimeout(() => this.flush(), early);
        return;
      }
      this.#pieces.shift();
      this.#deliver(next);
    }
  }

  #take(piece: Piece): void {
    if (this.#isHeld() && piece.type === "bytes") this.#state.heldBytes += piece.bytes.length;
    this.#pieces.push(piece);
    this.flush();
  }

  #deliver(piece: Piece): void {
    if (this.#to.destroyed) return;
    if (piece.type === "end") this.#to.end();
    else if (piece.type === "broken") breakOff(this.#to);
    else if (!this.#to.write(piece.bytes)) this.#from.pause();
  }

  #isHeld(): boolean {
    const { held } = this.#state;
    return held === "both" || held === this.#direction;
  }

  #due = () => performance.now() + this.#state.delayMs;
}

/** A socket that has said its last word cannot be reset: Node would keep it, and spin. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

import type { Connect, Listener, RoomSocket } from "../../../client/index.ts";
import { NoAnswer } from "../../../client/retry.ts";
import type { AnyMessageView } from "../../../schema/wire/chat.ts";
import { settled } from "./fake-platform.ts";

type Handler = (payload: Record<string, unknown>) => unknown;

export interface Asked {
  readonly name: string;
  readonly payload: Record<string, unknown>;
}

/** The server's end of one connection: it says what the test wants it to, and writes down what it is asked. */
export class FakeSocket implements RoomSocket {
  readonly name: string;
  readonly options: Record<string, unknown>;
  readonly token: string;
  readonly asked: Asked[] = [];
  readonly signals: Asked[] = [];
  readonly #listener: Listener;
  readonly #handlers: Map<string, Handler>;
  isClosed = false;

  constructor(name: string, options: object, token: string, listener: Listener, handlers: Map<string, Handler>) {
    this.name = name;
    this.options = { ...options };
    this.token = token;
    this.#listener = listener;
    this.#handlers = handlers;
  }

  async request(name: string, payload: object): Promise<unknown> {
    if (this.isClosed) throw new NoAnswer("Not connected");
    const asked = { name, payload: { ...payload } };
    this.asked.push(asked);
    const handler = this.#handlers.get(name);
    return handler ? handler(asked.payload) : new Promise(() => undefined);
  }

  signal(name: string, payload: object): void {
    this.signals.push({ name, payload: { ...payload } });
  }

  close(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#listener.closed(code);
  }

  /** What was asked under that name. */
  all(name: string): Record<string, unknown>[] {
    return this.asked.filter((one) => one.name === name).map(({ payload }) => payload);
  }

  say(event: string, payload: unknown): void {
    this.#listener.heard(event, payload);
  }

  show(state: unknown): void {
    this.#listener.state(state);
  }

  window(messages: readonly AnyMessageView[], more: object = {}): void {
    const version = Math.max(0, ...messages.map((message) => message.version));
    const rest = { version, history: "line", firstSeq: 1, readSeq: 0, hasMore: false, ...more };
    this.say("chat.window", { messages, ...rest });
  }

  resume(from: number, to: number, more: object = {}): void {
    this.say("chat.resume", { from, to, hasMore: false, history: "line", readSeq: 0, ...more });
  }

  tell(message: AnyMessageView, version = message.version): void {
    this.say("chat.message", { version, message });
  }
}

/** A server with rooms, as far as one phone can tell. */
export class FakeRooms {
  readonly sockets: FakeSocket[] = [];
  readonly #handlers = new Map<string, Handler>();
  /** What the next joins end with, in order; then they succeed. */
  readonly refusals: Error[] = [];

  constructor() {
    this.on("clock.sync", ({ t0 }) => ({ t0, t1: Number(t0), t2: Number(t0) }));
    this.on("chat.delivered", ({ upTo }) => ({ upTo }));
    this.on("chat.read", ({ upTo }) => ({ upTo }));
  }

  /** How a request is answered from now on; without a handler it never is. */
  on(name: string, handler: Handler): void {
    this.#handlers.set(name, handler);
  }

  /** As if nobody was there any more. */
  silence(name: string): void {
    this.#handlers.delete(name);
  }

  /** Until then nobody gets in. */
  gate: Promise<unknown> = Promise.resolve();

  readonly connect: Connect = async (name, options, token, listener) => {
    await this.gate;
    const refusal = this.refusals.shift();
    if (refusal) throw refusal;
    const socket = new FakeSocket(name, options, token, listener, this.#handlers);
    this.sockets.push(socket);
    return socket;
  };

  get last(): FakeSocket {
    const last = this.sockets[this.sockets.length - 1];
    if (!last) throw new Error("Nobody has connected");
    return last;
  }

  /** The newest connection, once there are that many. */
  async connected(count: number): Promise<FakeSocket> {
    await settled();
    if (this.sockets.length !== count) throw new Error(`${this.sockets.length} connections instead of ${count}`);
    return this.last;
  }
}

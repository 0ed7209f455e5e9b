import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Neighbour, NoWay, type Pipes } from "../pipe/pipe.ts";
import { PATIENCE_MS } from "../pipe/ways.ts";
import { askNode } from "./asking.ts";
import type { Calls } from "./calls.ts";
import { CALLS, type Departing } from "./wire.ts";

/** It was sent on once; a second time would be a circle. */
const FORWARDED = "x-cluster-forwarded";

const DEPART_MS = 1000;

/** The owner has closed them by then; what is left is cut. */
const GONE_MS = 3000;

export interface ForwardingDeps {
  readonly pipes: Pick<Pipes, "open">;
  readonly calls: Pick<Calls, "call">;
  readonly processId: string;
  readonly neighbour: (processId: string) => Promise<Neighbour | undefined>;
  /** Whether it said to the database a moment ago that it lives. */
  readonly isBeating: (processId: string) => Promise<boolean>;
  /** For who counts; what is returned is called once it is over. */
  readonly forwarded: () => () => void;
  readonly report: (error: unknown) => void;
}

/** A socket whose way is being opened. */
interface Coming {
  readonly processId: string;
  readonly gone: AbortController;
}

interface Passing {
  readonly to: Neighbour;
  readonly roomId: string;
  readonly socketId: string;
  readonly socket: Duplex;
}

/**
 * A socket may arrive at any node: the seat's address names the process that has the room, and the bytes go there and
 * back as they are. Who may sit is checked where the seat is.
 */
export class Forwarding {
  readonly #deps: ForwardingDeps;
  readonly #passing = new Set<Passing>();
  readonly #coming = new Set<Coming>();
  #isGoing = false;

  constructor(deps: ForwardingDeps) {
    this.#deps = deps;
  }

  /** Whether a request is for a seat at another process. */
  isElsewhere(request: IncomingMessage): boolean {
    const place = placeOf(request);
    return place !== undefined && place.processId !== this.#deps.processId;
  }

  async forward(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const place = placeOf(request);
    socket.on("error", () => socket.destroy());
    try {
      const to = place && !request.headers[FORWARDED] && (await this.#deps.neighbour(place.processId));
      if (!to) return void socket.end(NOT_FOUND);
      if (this.#isGoing) return void socket.end(UNAVAILABLE);
      const pipe = await this.#open(to, socket);
      // Whoever came may have given up meanwhile; and one passed on now would be told by nobody that we go.
      if (socket.destroyed || this.#isGoing) {
        pipe.destroy();
        return void socket.end(UNAVAILABLE);
      }
      this.#pass({ to, socket, roomId: place.roomId, socketId: place.socketId }, pipe);
      pipe.write(headOf(request));
      if (head.length > 0) pipe.write(head);
    } catch (error) {
      if (!(error instanceof NoWay)) this.#deps.report(error);
      socket.end(UNAVAILABLE);
    }
  }

  /** Whoever had the rooms is gone, or frozen: its devices need not find out by themselves. */
  cut(processId: string): void {
    for (const { to, socket } of this.#passing) if (to.processId === processId) socket.destroy();
    for (const coming of this.#coming) if (coming.processId === processId) coming.gone.abort();
  }

  /** Late, the node is busy, until it is known to be dead or whoever came gives up: it gave them their seat a moment ago. */
  async #open(to: Neighbour, socket: Duplex): Promise<Duplex> {
    const coming: Coming = { processId: to.processId, gone: new AbortController() };
    this.#coming.add(coming);
    socket.once("close", () => coming.gone.abort());
    try {
      return await this.#openPatiently(to, coming.gone.signal);
    } finally {
      this.#coming.delete(coming);
    }
  }

  /** If it is silent here and goes on saying to the database that it lives, every way is tried once more. */
  async #openPatiently(to: Neighbour, gone: AbortSignal): Promise<Duplex> {
    const { pipes, isBeating } = this.#deps;
    try {
      return await pipes.open(to, gone, PATIENCE_MS);
    } catch (error) {
      const isSilent = error instanceof NoWay && error.why === "silent" && !gone.aborted;
      if (!isSilent || !(await isBeating(to.processId).catch(() => false))) throw error;
      return pipes.open(to, gone, PATIENCE_MS);
    }
  }

  #pass(passing: Passing, pipe: Duplex): void {
    const { socket } = passing;
    this.#passing.add(passing);
    socket.once("close", this.#deps.forwarded());
    pipe.on("error", () => pipe.destroy());
    // Both ends go together, and neither outlives the other.
    socket.once("close", () => {
      this.#passing.delete(passing);
      pipe.destroy();
    });
    pipe.once("close", () => socket.destroy());
    socket.pipe(pipe);
    pipe.pipe(socket);
  }

  /** [P9] This node goes: the owners tell each device that came by it when to come again, and let it go. */
  async drain(reconnectAfterMs: () => number): Promise<void> {
    this.#isGoing = true;
    for (const { gone } of this.#coming) gone.abort();
    const all = [...this.#passing];
    const gone = Promise.all(all.map(({ socket }) => new Promise((done) => socket.once("close", done))));
    await Promise.all(
      [...byOwner(all)].map(([to, passing]) => {
        const seats = passing.map((one): Departing => ({ ...seatOf(one), reconnectAfterMs: reconnectAfterMs() }));
        return askNode(this.#deps.calls, to, CALLS.depart, { seats }, DEPART_MS).catch(() => undefined);
      }),
    );
    const cut = setTimeout(() => all.forEach(({ socket }) => void socket.destroy()), GONE_MS);
    await gone;
    clearTimeout(cut);
  }
}

const seatOf = ({ roomId, socketId }: Passing) => ({ roomId, socketId });

function byOwner(all: readonly Passing[]): Map<Neighbour, Passing[]> {
  const groups = Map.groupBy(all, ({ to }) => to.processId);
  return new Map([...groups.values()].flatMap((group) => (group[0] ? [[group[0].to, group] as const] : [])));
}

/** `/processId/roomId?sessionId=…`, as the SDK asks. */
function placeOf({ url = "" }: IncomingMessage) {
  const asked = URL.parse(url, "http://node");
  const [, processId, roomId, ...more] = asked?.pathname.split("/") ?? [];
  const socketId = asked?.searchParams.get("sessionId");
  return processId && roomId && socketId && more.length === 0 ? { processId, roomId, socketId } : undefined;
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${[...lines, `${FORWARDED}: 1`].join("\r\n")}\r\n\r\n`;
}

const CLOSING = "Connection: close\r\nContent-Length: 0\r\n\r\n";
const NOT_FOUND = `HTTP/1.1 404 Not Found\r\n${CLOSING}`;
const UNAVAILABLE = `HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n${CLOSING}`;

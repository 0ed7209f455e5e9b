import type { IncomingMessage, ServerResponse } from "node:http";
import { Refusal } from "../../../domain/refusal.ts";
import { doorCommandNames } from "../../../domain/room/rules.ts";
import { Elsewhere, type RoomsOfOne } from "../../../rooms/neighbours.ts";
import type { ClusterKey } from "../pipe/cluster-key.ts";
import type { Neighbour } from "../pipe/pipe.ts";
import { CALLS_PATH, isSigned } from "./calls.ts";
import { CALLS, type Call, type Departing, ELSEWHERE, REFUSED, writtenRefusal } from "./wire.ts";

/** The largest command, and what JSON makes of it. */
const MOST_BYTES = 256 * 1024;

export interface AnsweringDeps {
  readonly key: ClusterKey;
  readonly processId: string;
  readonly now: () => number;
  readonly rooms: RoomsOfOne;
  /** Tells a socket that came by the asking node when to come again, and lets it go. */
  readonly depart: (seats: readonly Departing[]) => void;
  /** Undefined if there is a way from here to that node; otherwise why there is none. */
  readonly reach: (neighbour: Neighbour) => Promise<string | undefined>;
  readonly report: (error: unknown) => void;
}

type Handlers = ReadonlyMap<string, (body: unknown) => Promise<object>>;

/** Answers other nodes' calls: a listener of the HTTP server that returns whether the request was one. */
export function answerNodes(deps: AnsweringDeps) {
  const handlers = handlersOf(deps);
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { url = "" } = request;
    if (!url.startsWith(CALLS_PATH)) return false;
    void answered(deps, handlers, request, url.slice(CALLS_PATH.length)).then(({ status, body }) => {
      const content = JSON.stringify(body);
      response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(content) });
      response.end(content);
    });
    return true;
  };
}

function handlersOf({ rooms, depart, reach }: AnsweringDeps): Handlers {
  return new Map([
    on(CALLS.alive, async () => ({})),
    on(CALLS.hello, async (neighbour) => {
      const why = await reach(neighbour);
      return { reachesYou: why === undefined, why };
    }),
    on(CALLS.seat, ({ pairId, seat, known }) => rooms.reserve(pairId, seat, known)),
    on(CALLS.execute, ({ twin, name, payload }) => {
      // A newer node's command: it is not for us to say that there is no such thing.
      if (!doorCommandNames.some((known) => known === name)) throw new Elsewhere("This node does not know the command");
      return rooms.execute(twin, name, payload);
    }),
    on(CALLS.mark, async ({ twin, what, upTo }) => ({ upTo: await rooms.mark(twin, what, upTo) })),
    on(CALLS.inspect, ({ pairId }) => rooms.inspect(pairId)),
    on(CALLS.depart, async ({ seats }) => {
      depart(seats);
      return {};
    }),
  ]);
}

const on = <Asked, Answer extends object>(
  { name, asks }: Call<Asked, Answer>,
  handle: (asked: Asked) => Promise<Answer>,
): [string, (body: unknown) => Promise<object>] => [name, async (body) => handle(asks.parse(body))];

interface Said {
  readonly status: number;
  readonly body: object;
}

async function answered(
  { key, processId, now, report }: AnsweringDeps,
  handlers: Handlers,
  request: IncomingMessage,
  name: string,
): Promise<Said> {
  try {
    const content = await contentOf(request);
    if (content === undefined) return { status: 413, body: {} };
    if (!isSigned(key, request.headers, { name, to: processId, at: now(), content })) return { status: 403, body: {} };
    const handle = handlers.get(name);
    return handle ? { status: 200, body: await handle(JSON.parse(content)) } : { status: 404, body: {} };
  } catch (error) {
    if (error instanceof Elsewhere) return { status: ELSEWHERE, body: {} };
    if (error instanceof Refusal) return { status: REFUSED, body: writtenRefusal(error) };
    report(error);
    return { status: 500, body: {} };
  }
}

async function contentOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

import type { Server as HttpServer, IncomingMessage } from "node:http";
import { LocalDriver, LocalPresence, matchMaker, Server } from "@colyseus/core";
import { Encoder } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { Authenticate } from "../domain/ports.ts";
import type { PairRoom } from "../rooms/pair-room.ts";
import type { WaitingRoom } from "../rooms/waiting-room.ts";
import { type CarefulSocket, carefulSocket } from "./adapters/realtime/careful-socket.ts";
import { codeAnswers } from "./adapters/realtime/coded-answers.ts";
import type { Line } from "./adapters/realtime/line.ts";
import { checkUpgrade } from "./adapters/realtime/upgrade.ts";

/** The largest command is a cipher of 8 KiB; four times that is nobody's message. */
const MAX_FRAME_BYTES = 32 * 1024;

/** A full state is a few hundred bytes; a longer one is written all the same, with a warning. */
const STATE_BUFFER_BYTES = 4 * 1024;

export interface RealtimeDeps {
  readonly authenticate: Authenticate;
  readonly origins: readonly string[];
  /** What one socket may go on sending for ever; commands have limits of their own. */
  readonly framesPerSecond: number;
  /** The line before the door; nobody waits by default. */
  readonly line?: Pick<Line, "enter">;
  /** Colyseus' own list of rooms. */
  readonly driver?: LocalDriver;
  readonly report: (error: unknown) => void;
}

export interface RoomClasses {
  readonly pair: new () => PairRoom;
  readonly waiting: new () => WaitingRoom;
}

/**
 * Colyseus' part of the process: its rooms and its sockets, on an HTTP server that is ours. Its own HTTP routes are not
 * mounted: see docs/decisions/0001-parts-of-colyseus.md.
 */
export function createRealtime({ authenticate, origins, framesPerSecond, line, driver, report }: RealtimeDeps) {
  const enter = line && (() => line.enter("socket"));
  Encoder.BUFFER_SIZE = STATE_BUFFER_BYTES;
  codeAnswers();
  const transport = new GatheringTransport({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    // Our devices are pinged one after the other (rooms/attendance.ts); Colyseus would ping them all at once.
    pingInterval: 0,
    clientTracking: false,
    WebSocket: carefulSocket({ report, framesPerSecond }),
    beforeUpgrade: checkUpgrade({ authenticate, origins, enter, report }),
  });
  const server = new Server({
    transport,
    presence: new LocalPresence(),
    driver: driver ?? new LocalDriver(),
    greet: false,
    gracefullyShutdown: false,
  });
  return {
    /** For test tools of Colyseus. */
    server,
    async start(http: HttpServer, rooms: RoomClasses, isOurs: (request: IncomingMessage) => boolean): Promise<void> {
      server.define("pair", rooms.pair);
      server.define("waiting", rooms.waiting);
      await matchMaker.accept();
      transport.attachToServer(http, { filter: (request) => isOurs(request) && (isSeat(request) || refuse(request)) });
    },
    /** Once the rooms are gone: the sockets that are left, and Colyseus itself. */
    stop: () => server.gracefullyShutdown(false),
  };
}

/** Its sockets know what they write to. */
class GatheringTransport extends WebSocketTransport {
  constructor(options: ConstructorParameters<typeof WebSocketTransport>[0]) {
    super(options);
    this.wss.prependListener("connection", (socket: CarefulSocket, { socket: line }: IncomingMessage) =>
      socket.writesTo(line),
    );
  }
}

const isSeat = ({ url = "" }: IncomingMessage): boolean => url.includes("sessionId=");

/** Colyseus would open a socket to anybody who asks for no room at all. */
function refuse({ socket }: IncomingMessage): false {
  socket.on("error", () => undefined);
  socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  return false;
}

import { once } from "node:events";
import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Config } from "./config.ts";

/** Whoever says no more than that in half a minute holds a connection for nothing. */
const HEADERS_MS = 30_000;

/** A picture of ten megabytes over a poor connection; whoever sends less is given less (http/body.ts). */
const REQUEST_MS = 5 * 60_000;

/** Longer than proxies keep idle connections, so that it is they who close them. */
const KEEP_ALIVE_MS = 75_000;

export interface Listening {
  /** Which may have been found. */
  readonly port: number;
  /** Whoever is being answered is answered; who only keeps a connection open is let go. */
  close(): Promise<void>;
}

export async function listenOn(http: HttpServer, { PORT, HOST }: Pick<Config, "PORT" | "HOST">): Promise<Listening> {
  http.headersTimeout = HEADERS_MS;
  http.requestTimeout = REQUEST_MS;
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  const silent = silentOn(http);
  http.listen(PORT, HOST);
  await once(http, "listening");
  return { port: portOf(http) ?? PORT, close: () => closed(http, silent) };
}

export function portOf(http: HttpServer): number | undefined {
  const address = http.address();
  return typeof address === "object" && address ? address.port : undefined;
}

/** Those who have connected and not asked anything yet: Node waits for them as for whoever is being answered. */
function silentOn(http: HttpServer): ReadonlySet<Duplex> {
  const silent = new Set<Duplex>();
  http.on("connection", (socket: Duplex) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
  });
  http.on("request", ({ socket }: IncomingMessage) => silent.delete(socket));
  http.on("upgrade", (_request: IncomingMessage, socket: Duplex) => silent.delete(socket));
  return silent;
}

/** What was being answered is idle then. */
const LET_GO_MS = 50;

/** What was on its way has come by then. */
const SILENT_MS = 1000;

async function closed(http: HttpServer, silent: ReadonlySet<Duplex>): Promise<void> {
  const done = new Promise((resolve) => http.close(resolve));
  const letGo = setInterval(() => http.closeIdleConnections(), LET_GO_MS);
  const cut = setTimeout(() => silent.forEach((socket) => void socket.destroy()), SILENT_MS);
  await done;
  clearInterval(letGo);
  clearTimeout(cut);
}

import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import type { Config } from "./config.ts";

/** Whoever says no more than that in half a minute holds a connection for nothing. */
const HEADERS_MS = 30_000;

/** A picture of ten megabytes over a poor connection; whoever sends less is given less (http/body.ts). */
const REQUEST_MS = 5 * 60_000;

/** Longer than proxies keep idle connections, so that it is they who close them. */
const KEEP_ALIVE_MS = 75_000;

/** Resolves with the port, which may have been found. */
export async function listenOn(http: HttpServer, { PORT, HOST }: Pick<Config, "PORT" | "HOST">): Promise<number> {
  http.headersTimeout = HEADERS_MS;
  http.requestTimeout = REQUEST_MS;
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  http.listen(PORT, HOST);
  await once(http, "listening");
  return portOf(http) ?? PORT;
}

export function portOf(http: HttpServer): number | undefined {
  const address = http.address();
  return typeof address === "object" && address ? address.port : undefined;
}

/** What was being answered is idle then. */
const LET_GO_MS = 50;

/** Whoever is being answered is answered; who only keeps a connection open is let go. */
export async function closed(http: HttpServer): Promise<void> {
  const done = new Promise((resolve) => http.close(resolve));
  const letGo = setInterval(() => http.closeIdleConnections(), LET_GO_MS);
  await done;
  clearInterval(letGo);
}

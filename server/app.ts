import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import { matchMaker } from "@colyseus/core";
import { historyReader } from "../domain/history.ts";
import { limitTable } from "../domain/limits.ts";
import { pairHistory } from "../domain/pair-history.ts";
import { httpApp } from "../http/app.ts";
import { databaseArchive } from "./adapters/database/archive.ts";
import { databaseClaims } from "./adapters/database/claims.ts";
import { databaseClock } from "./adapters/database/clock.ts";
import { historyLine } from "./adapters/database/history-line.ts";
import { databaseJournal } from "./adapters/database/journal.ts";
import { databaseMarks } from "./adapters/database/marks.ts";
import { databasePeople } from "./adapters/database/people.ts";
import { registerProcess } from "./adapters/database/processes.ts";
import { memoryLimits } from "./adapters/limits/memory.ts";
import { openAdapters } from "./adapters.ts";
import { chance } from "./chance.ts";
import type { Config } from "./config.ts";
import { health } from "./health.ts";
import { keepHouse } from "./housekeeping.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";
import { createRealtime } from "./realtime.ts";
import { createRooms } from "./rooms.ts";
import { createUseCases, openKeys } from "./use-cases.ts";
import { version } from "./version.ts";

export interface AppDeps {
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
}

export interface App {
  listen(): Promise<{ readonly port: number }>;
}

/** A phone sends a few frames a second at most; commands have limits of their own. */
const FRAMES_PER_SECOND = 60;

/** [P9] Spread, so that those who were here do not arrive all at once where they go. */
const RECONNECT_MS = { least: 500, most: 3000 };

/** Makes everything there is, once, and joins it; nothing is looked up anywhere else. */
export async function createApp({ config, lifecycle, log }: AppDeps): Promise<App> {
  const report = (error: unknown, about?: object) => log.error({ err: error, ...about }, "something went wrong");
  const { database: opened } = await openAdapters({ config, lifecycle, log });
  const { database, pool, commits } = opened;
  if (config.MESSAGE_RETENTION_DAYS !== undefined)
    log.warn("MESSAGE_RETENTION_DAYS is not applied yet: messages are kept");
  const clock = databaseClock(pool, { log });
  await clock.start();
  lifecycle.add("the clock", () => clock.stop());

  const limits = memoryLimits(
    limitTable({
      messagesPerMinute: config.RATE_LIMIT_MESSAGES_PER_MINUTE,
      requestsPerMinute: config.RATE_LIMIT_REQUESTS_PER_MINUTE,
    }),
  );
  const archive = databaseArchive(pool);
  const people = databasePeople(pool);
  const line = await historyLine(pool);
  const keys = await openKeys(config);

  // Rooms and use cases know each other: the ones ask who somebody is, the others tell what happened.
  const rooms = createRooms({
    journal: databaseJournal(pool, commits),
    archive,
    claims: databaseClaims(pool),
    marks: databaseMarks(pool, archive),
    people,
    authenticate: (token) => useCases.sessions.authenticate(token),
    activePair: (userId) => useCases.pairing.activePair(userId),
    newsOf: (userId) => useCases.pairing.news(userId),
    limits,
    line: () => line,
    clock,
    chance,
    report,
  });
  const useCases = createUseCases({ config, database, clock, chance, limits, notices: rooms.notices, keys });
  const { authenticate } = useCases.sessions;
  lifecycle.add("housekeeping", keepHouse({ ...useCases, report }));

  const realtime = createRealtime({
    authenticate,
    origins: [...config.CORS_ORIGINS, config.PUBLIC_URL],
    framesPerSecond: Math.max(FRAMES_PER_SECOND, config.RATE_LIMIT_MESSAGES_PER_MINUTE / 20),
    report,
  });
  const state = health({ pool, clock, lifecycle });
  const http = createServer(
    httpApp({
      ...useCases,
      ...state,
      authenticate,
      publicKeys: keys.publicKeys,
      door: rooms.door,
      history: pairHistory({ reader: historyReader({ archive, line: () => line }), archive, people }),
      seats: rooms.seats,
      limits,
      clock,
      chance,
      proxies: { trusted: config.TRUST_PROXY, header: config.CLIENT_IP_HEADER },
      origins: config.CORS_ORIGINS,
      publicUrl: config.PUBLIC_URL,
      version,
      report,
    }),
  );

  return {
    async listen() {
      await realtime.start(http, rooms);
      lifecycle.add("Colyseus", () => realtime.stop());
      const port = await listenOn(http, config);
      lifecycle.add("HTTP", () => closed(http));
      const { processId } = matchMaker;
      const registered = await registerProcess(pool, { processId, address: `127.0.0.1:${port}`, log });
      lifecycle.add("the process list", () => registered.stop());
      lifecycle.add("rooms", () => rooms.drain(() => randomInt(RECONNECT_MS.least, RECONNECT_MS.most)));
      return { port };
    },
  };
}

/** A client that dawdles over its request holds a connection, and nobody needs half a minute for 64 KiB. */
const REQUEST_MS = 30_000;

/** Longer than proxies keep idle connections, so that it is they who close them. */
const KEEP_ALIVE_MS = 75_000;

async function listenOn(http: HttpServer, { PORT, HOST }: Config): Promise<number> {
  http.requestTimeout = REQUEST_MS;
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  http.listen(PORT, HOST);
  await once(http, "listening");
  const address = http.address();
  return typeof address === "object" && address ? address.port : PORT;
}

/** Whoever is being answered is answered; who only keeps a connection open is let go. */
async function closed(http: HttpServer): Promise<void> {
  const done = new Promise((resolve) => http.close(resolve));
  http.closeIdleConnections();
  await done;
}

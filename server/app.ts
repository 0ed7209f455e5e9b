import { randomInt } from "node:crypto";
import { createServer } from "node:http";
import { deliveryCounts } from "../domain/delivery-figures.ts";
import { mediaCounts } from "../domain/media-figures.ts";
import { mediaOffers } from "../domain/media-offers.ts";
import { pairHistory } from "../domain/pair-history.ts";
import type { Authenticate, Notices } from "../domain/ports.ts";
import { reportCounts } from "../domain/report-figures.ts";
import { secrets } from "../domain/secrets.ts";
import { subscriptionFigures } from "../domain/subscriptions/figures.ts";
import { twintuition } from "../domain/twintuition.ts";
import { httpApp } from "../http/app.ts";
import { Channel } from "../schema/wire/letters.ts";
import { databaseArchive } from "./adapters/database/archive.ts";
import { auditYears } from "./adapters/database/audit-years.ts";
import { databaseClaims } from "./adapters/database/claims.ts";
import { databaseClock } from "./adapters/database/clock.ts";
import { databaseJournal } from "./adapters/database/journal.ts";
import { databaseMarks } from "./adapters/database/marks.ts";
import { messageMonths } from "./adapters/database/partitions.ts";
import { databasePeople } from "./adapters/database/people.ts";
import { listedProcesses } from "./adapters/database/processes.ts";
import { replicaArchive } from "./adapters/database/replica-archive.ts";
import { databaseTwintuition } from "./adapters/database/twintuition-archive.ts";
import { orUnavailable } from "./adapters/database/unavailable.ts";
import { JobQueue } from "./adapters/jobs/boss.ts";
import { memoryLimits } from "./adapters/limits/memory.ts";
import { NoticeBoard } from "./adapters/notices/board.ts";
import { clusterKey, derivedSecret } from "./adapters/pipe/cluster-key.ts";
import { openAdapters } from "./adapters.ts";
import { chance } from "./chance.ts";
import { createCluster } from "./cluster.ts";
import type { Config } from "./config.ts";
import { every } from "./every.ts";
import { frontDoor } from "./front-door.ts";
import { handlersOf } from "./handlers.ts";
import { health } from "./health.ts";
import { keepHouse, type Outcome } from "./housekeeping.ts";
import { jobsOf, PUSH_MS } from "./jobs.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { listenOn, portOf } from "./listening.ts";
import type { Logger } from "./logger.ts";
import { mediaParts } from "./media.ts";
import { createMetrics } from "./metrics.ts";
import { type About, openOutages } from "./outages.ts";
import { carriersOf, openPost, signaturesOf } from "./post.ts";
import { privacyParts } from "./privacy.ts";
import { createRealtime } from "./realtime.ts";
import { openRedisParts } from "./redis.ts";
import { createRooms } from "./rooms.ts";
import { publishSamples } from "./sample-publishing.ts";
import type { Secret } from "./secret.ts";
import { createStaffUseCases } from "./staff-use-cases.ts";
import { openShop, shopHookOf } from "./store.ts";
import { openTracing } from "./tracing/open.ts";
import { staffPage, twoPhones } from "./two-phones.ts";
import { createUseCases, limitsOf, openKeys } from "./use-cases.ts";
import { version } from "./version.ts";
import { watchAll } from "./watch.ts";

export interface AppDeps {
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
}

export interface App {
  listen(): Promise<{ readonly port: number }>;
}

/** [P4] A room that is another's by now is noticed within that, if nobody writes in it. */
const STEP_DOWN_MS = 2000;

/** A phone sends a few frames a second at most; commands have limits of their own. */
const FRAMES_PER_SECOND = 60;

/** Of how long deliveries are counted for whoever watches. */
const DELIVERIES_MS = 3_600_000;

/** Of how long it is counted who subscribed, and who gave it up. */
const SUBSCRIPTIONS_MS = 30 * 24 * 3_600_000;

/** [P9] Spread, so that those who were here do not arrive all at once where they go. */
const RECONNECT_MS = { least: 500, most: 3000 };

/** Makes everything there is, once, and joins it; nothing is looked up anywhere else. */
export async function createApp({ config, lifecycle, log }: AppDeps): Promise<App> {
  const { database: opened, appSecrets } = await openAdapters({ config, lifecycle, log });
  const { database, pool, commits, line, lookups } = opened;
  const outages = openOutages({ log, pool, blobs: () => files.blobs });
  lifecycle.add("what is said of outages", () => outages.stop());
  const report = (error: unknown, about?: About) => outages.report(error, about);
  const ofDatabase = (error: unknown, about?: About) => outages.report(orUnavailable(error), about);
  const clock = databaseClock(pool, { log });
  await clock.start();
  lifecycle.add("the clock", () => clock.stop());
  const metrics = createMetrics({ version });
  lifecycle.add("metrics", metrics.stop);
  const tracing = await openTracing({ config, lifecycle, log });
  const shared = openRedisParts({ config, table: limitsOf(config), lifecycle, log, report });
  const limits = metrics.limits(shared.limits);
  const signing = await openKeys(config);
  const archive = databaseArchive(pool);
  const people = databasePeople(pool, config.TWINTUITION_WINDOW_SECONDS);
  const authenticate: Authenticate = (token) => useCases.sessions.authenticate(token);

  const key = clusterKey(clusterSecrets(config, appSecrets));
  const copies = shared.copies({ key, clock });
  const standings = () => useCases.sessions.standings;
  const door = frontDoor({ accessTokens: signing.accessTokens, standings, copies, clock, pool });

  // Colyseus names the process; all that is told to others bears that name.
  const realtime = createRealtime({
    authenticate,
    origins: [...config.CORS_ORIGINS, config.PUBLIC_URL],
    driver: shared.driver(async () => new Set((await listedProcesses(pool)).map(({ processId }) => processId))),
    framesPerSecond: Math.max(FRAMES_PER_SECOND, config.RATE_LIMIT_MESSAGES_PER_MINUTE / 20),
    line: door.line,
    report,
  });
  const cluster = createCluster({
    config,
    key,
    shared,
    forwarded: metrics.forwarded,
    pool,
    beats: commits,
    clock,
    lifecycle,
    log,
    report: ofDatabase,
  });

  const hidden = secrets(
    appSecrets.map((secret) => secret.reveal()),
    chance,
  );

  const felt = twintuition({ archive: databaseTwintuition(pool), people, clock, secrets: hidden });

  // Rooms and use cases know each other: the ones ask who somebody is, the others tell what happened.
  const rooms = createRooms({
    journal: databaseJournal(pool, commits),
    archive,
    claims: databaseClaims(pool),
    neighbours: cluster.neighbours,
    isAdmitted: cluster.isGreeted,
    marks: databaseMarks(pool, archive),
    people,
    twintuition: felt,
    authenticate,
    arrivals: door.arrivals,
    offered: mediaOffers(database),
    newsOf: (userId) => useCases.pairing.news(userId),
    answerAssessment: (userId, answers) => useCases.assessments.answer(userId, answers),
    limits,
    ownLimits: metrics.limits(memoryLimits(limitsOf(config))),
    line: () => line.name(),
    clock,
    chance,
    sealing: {
      seal: (text) => hidden.seal("feeling", text),
      open: (sealed) => hidden.open("feeling", sealed),
    },
    watch: tracing.watching(metrics),
    report: ofDatabase,
  });
  const hear: Notices["hear"] = (news, id) => {
    if (news.what === "sessions.ended") useCases.sessions.standings.ended(news.sessionIds);
    rooms.notices.hear(news, id);
  };
  const board = new NoticeBoard({ pool, clock, hear: { hear }, nudges: shared.nudges, log, report });
  await board.start();
  lifecycle.add("news of other processes", () => board.stop());
  const files = await mediaParts({ config, secrets: hidden, clock, lifecycle, log });
  const post = openPost(await carriersOf(config), log);
  const doesWork = config.WORKER === "inline";
  const shop = openShop(config, log);
  const putOff = (error: unknown, about: About) => outages.putOff(orUnavailable(error), about);
  const queue = await JobQueue.open({ pool, database, report: putOff }, { doesWork });
  const useCases = createUseCases({
    config,
    database,
    clock,
    chance,
    limits,
    notices: board,
    post,
    jobs: queue,
    secrets: hidden,
    shop,
    ...privacyParts(opened, clock, hidden, files.blobs),
    ...files,
    keys: signing,
    copies,
    syncScore: felt.syncScore,
  });

  if (config.NODE_ENV !== "production") await publishSamples(database, useCases.studies);

  const stepDown = async () => {
    // Behind a pooler a connection may lead to another server without having broken.
    await line.look(pool);
    await rooms.seats.stepDown();
  };
  lifecycle.add("stepping down", every(STEP_DOWN_MS, stepDown, ofDatabase));
  lifecycle.add(
    "the line of history",
    line.onChange(() => void rooms.seats.moveAll().catch(ofDatabase)),
  );
  const months = messageMonths(pool, log);
  if (doesWork) {
    await queue.work(handlersOf(useCases));
    const jobs = jobsOf({ database, months, auditYears: auditYears(pool), board, twintuition: felt, ...useCases });
    const onRun = (name: string, outcome: Outcome, ms: number) => {
      if (outcome !== "skipped") metrics.job(name, outcome === "done" ? "ok" : outcome, ms / 1000);
    };
    lifecycle.add(
      "pushes",
      every(PUSH_MS, useCases.pushes.round, (error) => putOff(error, { job: "pushes" })),
    );
    lifecycle.add("housekeeping", keepHouse({ jobs, report: putOff, onRun }));
  }
  lifecycle.add("jobs", () => queue.stop());

  const state = health({ pool, clock, lifecycle, redis: shared.redis, neighbours: cluster });
  const isReady = async () => (await state.notReady()).length === 0;
  const clockOffsetMs = () => clock.now() - Date.now();
  watchAll({
    ...{ metrics, pool, commits, rooms, line: door.line, cluster, shared, months, clockOffsetMs, isReady, queue },
    circuits: () => (doesWork ? post.circuits() : []),
    mediaCounts: () => mediaCounts(database),
    reportCounts: () => reportCounts(database, clock.now()),
    deliveryCounts: () => deliveryCounts(database, clock.now() - DELIVERIES_MS),
    subscriptionFigures: () => subscriptionFigures(database, clock.now() - SUBSCRIPTIONS_MS),
    storeCircuit: shop.circuit,
  });
  const lookup = replicaArchive(lookups);
  const app = httpApp({
    ...useCases,
    ...createStaffUseCases({
      ...{ database, clock, chance, secrets: hidden, rooms, pool, desk: queue.desk, useCases },
      store: files.blobs,
    }),
    ...state,
    authenticate,
    arrive: door.arrive,
    line: door.standInLine,
    publicKeys: signing.publicKeys,
    door: rooms.door,
    twintuition: felt,
    history: pairHistory({ archive, people, lookup, line: () => line.name() }),
    seats: rooms.seats,
    limits,
    blobs: files.blobs.door,
    clock,
    chance,
    proxies: { trusted: config.TRUST_PROXY, header: config.CLIENT_IP_HEADER },
    origins: config.CORS_ORIGINS,
    publicUrl: config.PUBLIC_URL,
    mailbox: config.NODE_ENV !== "production" && Channel.options.some(post.isAtHome) ? useCases.mailbox : undefined,
    storePage: useCases.storePage,
    signatures: { ...signaturesOf(config), revenuecat: shopHookOf(config) },
    staffPage: staffPage(config),
    twoPhones: twoPhones({
      ...{ config, pool, activePair: useCases.pairing.activePair },
      rooms: { roomOf: (pairId) => rooms.seats.present(pairId) },
      port: () => portOf(http),
    }),
    observe: tracing.observing(metrics.request),
    metrics: { figures: metrics.figures, metricsToken: config.METRICS_TOKEN?.reveal() },
    version,
    report,
  });
  const answerNodes = cluster.answer(rooms.here);
  const http = createServer((request, response) => void (answerNodes(request, response) || app(request, response)));

  return {
    async listen() {
      await realtime.start(http, rooms, cluster.isOurs);
      lifecycle.add("Colyseus", () => realtime.stop());
      const { port, close } = await listenOn(http, config);
      lifecycle.add("HTTP", close);
      await cluster.join(http, port);
      const reconnectAfterMs = () => randomInt(RECONNECT_MS.least, RECONNECT_MS.most);
      lifecycle.add("rooms", () => Promise.all([rooms.drain(reconnectAfterMs), cluster.drain(reconnectAfterMs)]));
      return { port };
    },
  };
}

/** Nodes that were not told a key make one of the secret that they share. */
function clusterSecrets({ CLUSTER_KEY }: Config, appSecrets: readonly Secret[]): readonly string[] {
  return CLUSTER_KEY?.map((key) => key.reveal()) ?? appSecrets.map((secret) => derivedSecret(secret.reveal()));
}

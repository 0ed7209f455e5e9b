import { secrets } from "../domain/secrets.ts";
import { twintuition } from "../domain/twintuition.ts";
import { auditYears } from "./adapters/database/audit-years.ts";
import { databaseClock } from "./adapters/database/clock.ts";
import { messageMonths } from "./adapters/database/partitions.ts";
import { databasePeople } from "./adapters/database/people.ts";
import { databaseTwintuition } from "./adapters/database/twintuition-archive.ts";
import { orUnavailable } from "./adapters/database/unavailable.ts";
import { JobQueue } from "./adapters/jobs/boss.ts";
import { memoryLimits } from "./adapters/limits/memory.ts";
import { forgetNotices } from "./adapters/notices/rows.ts";
import { openAdapters } from "./adapters.ts";
import { chance } from "./chance.ts";
import { every } from "./every.ts";
import { handlersOf } from "./handlers.ts";
import { keepHouse } from "./housekeeping.ts";
import { jobsOf, PUSH_MS } from "./jobs.ts";
import { mediaParts } from "./media.ts";
import { type About, openOutages } from "./outages.ts";
import { carriersOf, openPost } from "./post.ts";
import { privacyParts } from "./privacy.ts";
import { type Means, run } from "./program.ts";
import { openShop } from "./store.ts";
import { createUseCases, limitsOf, openKeys } from "./use-cases.ts";

/** Nobody sits with a worker: what it does reaches live rooms by its rows. */
const noRooms = { hear: () => undefined };

/** Does what can be done later, for any number of servers with WORKER=separate. It has no door: that it runs is its health. */
async function work({ config, lifecycle, log }: Means): Promise<void> {
  const { database: opened, appSecrets } = await openAdapters({ config, lifecycle, log });
  if (lifecycle.isStopping) return;
  const { database, pool } = opened;
  const clock = databaseClock(pool, { log });
  await clock.start();
  lifecycle.add("the clock", () => clock.stop());
  const limits = memoryLimits(limitsOf(config));
  const keys = await openKeys(config);
  const hidden = secrets(
    appSecrets.map((secret) => secret.reveal()),
    chance,
  );
  const outages = openOutages({ log, pool, blobs: () => files.blobs });
  lifecycle.add("what is said of outages", () => outages.stop());
  const report = (error: unknown, about: About) =>
    outages.putOff(orUnavailable(error), about, "a job failed; it is tried again");
  const shop = openShop(config, log);
  const queue = await JobQueue.open({ pool, database, report }, { doesWork: true });
  const files = await mediaParts({ config, secrets: hidden, clock, lifecycle, log });
  const useCases = createUseCases({
    config,
    database,
    clock,
    chance,
    limits,
    notices: noRooms,
    post: openPost(await carriersOf(config), log),
    jobs: queue,
    secrets: hidden,
    shop,
    ...privacyParts(opened, clock, hidden, files.blobs),
    ...files,
    keys,
  });
  if (lifecycle.isStopping) return;
  const felt = twintuition({
    archive: databaseTwintuition(pool),
    people: databasePeople(pool, config.TWINTUITION_WINDOW_SECONDS),
    clock,
    secrets: hidden,
  });
  const board = { purge: () => forgetNotices(pool) };
  const stop = keepHouse({
    jobs: jobsOf({
      ...useCases,
      database,
      months: messageMonths(pool, log),
      auditYears: auditYears(pool),
      board,
      twintuition: felt,
    }),
    report,
    onRun: (job, outcome, ms) => log.info({ job, outcome, ms: Math.round(ms) }, "housekeeping"),
  });
  lifecycle.add("housekeeping", stop);
  lifecycle.add(
    "pushes",
    every(PUSH_MS, useCases.pushes.round, (error) => report(error, { job: "pushes" })),
  );
  await queue.work(handlersOf(useCases));
  lifecycle.add("jobs", () => queue.stop());
  log.info({ pid: process.pid }, "working");
}

/** Until it is told to stop: timers alone keep no process alive. */
function stayAlive(lifecycle: Means["lifecycle"]): void {
  const forEver = setInterval(() => undefined, 2 ** 30);
  lifecycle.add("the process", () => clearInterval(forEver));
}

await run(async (means) => {
  stayAlive(means.lifecycle);
  await work(means);
});

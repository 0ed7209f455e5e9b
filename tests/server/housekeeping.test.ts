import assert from "node:assert/strict";
import { mock } from "node:test";
import { type Job, keepHouse } from "../../server/housekeeping.ts";
import { jobsOf } from "../../server/jobs.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";

const HOUR_MS = 3_600_000;

const turn = () => new Promise(setImmediate);

describe("housekeeping", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  const job = (name: string, run: Job["run"]): Job => ({ name, everyMs: HOUR_MS, run });

  it("[JB1] each job is done at once and then every so often, whatever becomes of the others", async () => {
    const done: string[] = [];
    const errors: unknown[] = [];
    const runs: string[] = [];
    const jobs = [
      job("works", async () => void done.push("works")),
      job("fails", async () => {
        done.push("fails");
        throw new Error("connection lost");
      }),
      job("another's", async () => "skipped"),
    ];
    const stop = keepHouse({
      jobs,
      report: (error, { job }) => errors.push(`${job}: ${error}`),
      onRun: (name, outcome) => runs.push(`${name} ${outcome}`),
      now: () => 0,
    });
    await turn();
    mock.timers.tick(HOUR_MS);
    await turn();
    assert.deepEqual(done, ["works", "fails", "works", "fails"]);
    assert.deepEqual(errors, Array(2).fill("fails: Error: connection lost"));
    assert.deepEqual(new Set(runs), new Set(["works done", "fails failed", "another's skipped"]));
    await stop();
    mock.timers.tick(HOUR_MS);
    await turn();
    assert.equal(done.length, 4);
  });

  it("[JB1] a few are done side by side: what people ask for does not wait behind all of them", async () => {
    let [under, most, done] = [0, 0, 0];
    const run = async () => {
      under += 1;
      most = Math.max(most, under);
      await turn();
      under -= 1;
      done += 1;
      return undefined;
    };
    const jobs = Array.from({ length: 12 }, (_, n) => ({ name: `job ${n}`, everyMs: HOUR_MS, run }));
    const stop = keepHouse({ jobs, report: assert.fail });
    while (done < 12) await turn();
    await stop();
    assert.deepEqual([most, done], [4, 12]);
  });

  it("[JB1] a job that takes longer than its time is not begun twice, and a stop waits for it", async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let begun = 0;
    const stop = keepHouse({
      jobs: [
        job("slow", () => {
          begun += 1;
          return promise;
        }),
      ],
      report: assert.ifError,
    });
    mock.timers.tick(10 * HOUR_MS);
    let hasStopped = false;
    const stopped = stop().then(() => {
      hasStopped = true;
    });
    await turn();
    assert.deepEqual([begun, hasStopped], [1, false]);
    resolve(undefined);
    await stopped;
  });
});

describe("the jobs", () => {
  let opened: TemporaryDatabase;
  before(async () => {
    opened = await temporaryDatabase();
  });
  after(() => opened.close());

  it("[ID6] [SE14] [JB2] what nobody can ask for any more is forgotten, by one process of those that come at once", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let swept = 0;
    const sweep = async () => {
      swept += 1;
      await promise;
    };
    const of = {
      database: opened.database,
      months: { keep: async () => undefined },
      board: { purge: async () => undefined },
      sessions: { sweep },
      idempotency: { purge: async () => 0 },
      exports: { sweep: async () => undefined },
      assessments: { sweep: async () => 0 },
      studyIntake: { sweep: async () => 0 },
      studyRetention: { sweep: async () => 0 },
      studyWithdrawals: { sweep: async () => 0 },
      erasure: { sweep: async () => 0 },
      messageRetention: { sweep: async () => 0 },
      auditYears: { keep: async () => undefined },
      deliveries: { sweep: async () => 0 },
      signIns: { sweep: async () => 0 },
      phones: { sweep: async () => 0 },
      invitations: { sweep: async () => 0 },
      reports: { sweep: async () => 0 },
      pushTokens: { sweep: async () => 0 },
      pushReceipts: async () => 0,
      providerReports: { sweep: async () => 0 },
      staff: { sweep: async () => 0 },
      twintuition: { sweep: async () => 0 },
      premiumUpkeep: { sweep: async () => 0, read: async () => 0 },
      mediaSweeps: { sweep: async () => undefined, sweepFiles: async () => undefined },
    };
    const [one, other] = [jobsOf(of), jobsOf(of)].map((jobs) => jobs.find(({ name }) => name === "ended sessions"));
    assert.ok(one && other);
    assert.ok(jobsOf(of).some(({ name, everyMs }) => name === "answered calls" && everyMs === HOUR_MS));
    const first = one.run();
    while (swept === 0) await turn();
    assert.equal(await other.run(), "skipped");
    resolve();
    assert.equal(await first, undefined);
    assert.equal(swept, 1);
  });
});

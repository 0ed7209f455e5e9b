import assert from "node:assert/strict";
import { openDatabase } from "../../server/adapters/database/open.ts";
import { type Handlers, JobQueue } from "../../server/adapters/jobs/boss.ts";
import { eventually } from "../support/embedded.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { stopwatch } from "../support/stopwatch.ts";

const nobody = async () => undefined;

/** Does nothing but remember. */
const remembering = (done: string[], fail: (id: string) => boolean = () => false): Handlers => ({
  deliver: async ({ deliveryId }) => {
    done.push(deliveryId);
    if (fail(deliveryId)) throw new Error("ada@example.org was not at home");
  },
  ...{ "mail.link": nobody, "mail.change": nobody, export: nobody, erase: nobody, "media.check": nobody },
  ...{ "research.intake": nobody, "research.withdraw": nobody },
});

describe("work for later", function () {
  this.timeout(60_000);
  let opened: TemporaryDatabase;
  let queues: JobQueue[];
  const reported: { readonly error: unknown; readonly about: object }[] = [];

  const queue = async (doesWork = true): Promise<JobQueue> => {
    const { pool, database } = opened;
    const report = (error: unknown, about: object) => void reported.push({ error, about });
    const one = await JobQueue.open({ pool, database, report }, { doesWork });
    queues.push(one);
    return one;
  };

  const put = (to: JobQueue, deliveryId = crypto.randomUUID(), afterMs?: number): Promise<string> =>
    opened.database.transaction(async (em) => {
      await to.put(em, { what: "deliver", deliveryId }, afterMs === undefined ? {} : { afterMs });
      return deliveryId;
    });

  beforeEach(async () => {
    opened = await temporaryDatabase();
    queues = [];
    reported.length = 0;
  });
  afterEach(async () => {
    for (const one of queues) await one.stop();
    await opened.close();
  });

  it("[QU1] is done once what asked for it is true, and not at all if it never was", async () => {
    const jobs = await queue();
    const done: string[] = [];
    await jobs.work(remembering(done));
    const failed = opened.database.transaction(async (em) => {
      await jobs.put(em, { what: "deliver", deliveryId: crypto.randomUUID() });
      throw new Error("it was not to be");
    });
    await assert.rejects(failed, /not to be/);
    const id = await put(jobs);
    await eventually(() => done.includes(id));
    assert.deepEqual(done, [id]);
  });

  it("[QU2] waits for nobody's next look in the process that asked for it", async () => {
    const jobs = await queue();
    const done: string[] = [];
    await jobs.work(remembering(done));
    for (let n = 0; n < 5; n++) {
      const id = await put(jobs);
      const took = stopwatch();
      await eventually(() => done.includes(id));
      assert.ok(took() < 1000, "sooner than it would be looked for");
    }
  });

  it("[QU2] is found by another process, which only looks now and then", async () => {
    const [asking, working] = [await queue(false), await queue()];
    const done: string[] = [];
    await working.work(remembering(done));
    const id = await put(asking);
    await eventually(() => done.includes(id), 10_000);
  });

  it("[QU2] many at once are done by all, as fast as they can, whoever asked for them", async () => {
    const [asking, working] = [await queue(false), await queue()];
    const done: string[] = [];
    let underWay = 0;
    let most = 0;
    await working.work({
      ...remembering([]),
      deliver: async ({ deliveryId }) => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setTimeout(resolve, 50));
        underWay--;
        done.push(deliveryId);
      },
    });
    const ids = await Promise.all(Array.from({ length: 100 }, () => put(asking)));
    const took = stopwatch();
    await eventually(() => done.length >= ids.length, 30_000);
    // Each by a look of its own, one every two seconds, would take eight workers half a minute.
    assert.ok(took() < 8000);
    assert.deepEqual(done.toSorted(), ids.toSorted());
    assert.ok(most > 4 && most <= 8, `by ${most}, and by no more than are meant to be`);
  });

  it("[QU2] one that takes long keeps no other waiting", async () => {
    const jobs = await queue();
    const long = Promise.withResolvers<void>();
    const done: string[] = [];
    const slow = crypto.randomUUID();
    await jobs.work({
      ...remembering([]),
      deliver: async ({ deliveryId }) => {
        if (deliveryId === slow) await long.promise;
        done.push(deliveryId);
      },
    });
    await put(jobs, slow);
    await eventually(
      async () => (await opened.pool.query("select from pgboss.job where state = 'active'")).rowCount === 1,
    );
    const id = await put(jobs);
    const took = stopwatch();
    await eventually(() => done.includes(id));
    assert.ok(took() < 1000);
    long.resolve();
    await eventually(() => done.includes(slow));
  });

  it("[QU9] what was done is forgotten after an hour, whatever it was about", async () => {
    const jobs = await queue();
    const done: string[] = [];
    await jobs.work(remembering(done));
    const id = await put(jobs);
    const state = async () =>
      (await opened.pool.query("select state from pgboss.job where data->>'deliveryId' = $1", [id])).rows[0]?.state;
    await eventually(async () => (await state()) === "completed");
    await opened.pool.query("update pgboss.job set completed_on = completed_on - interval '61 minutes'");
    await opened.pool.query("update pgboss.queue set maintain_on = null");
    await eventually(async () => (await state()) === undefined, 25_000);
    assert.deepEqual(reported, [], "and its upkeep goes well");
  });

  it("[QU10] a database that is away is told of once, and work goes on when it is back", async () => {
    const jobs = await queue(false);
    const done: string[] = [];
    await jobs.work(remembering(done));
    const { pool } = opened;
    const query = pool.query;
    const away = () => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    let asked = 0;
    Object.assign(pool, {
      query: async () => {
        asked++;
        throw away();
      },
    });
    await eventually(() => asked >= 3, 20_000);
    Object.assign(pool, { query });
    const id = await put(jobs);
    await eventually(() => done.includes(id));
    assert.equal(reported.length, 1);
    assert.match(String(reported[0]?.error), /^Error: connect ECONNREFUSED/);
  });

  it("[QU12] is done as the version that started last means it to be", async () => {
    const retries = async () =>
      (await opened.pool.query("select retry_limit from pgboss.queue where name = 'deliver'")).rows[0].retry_limit;
    const meant = await retries();
    await opened.pool.query("update pgboss.queue set retry_limit = 99 where name = 'deliver'");
    const silent = { info: () => undefined, warn: () => undefined };
    const start = (migrate: "auto" | "never") =>
      openDatabase({ url: opened.url, migrate, connections: 4, log: silent });
    await (await start("never")).close();
    assert.equal(await retries(), 99, "which is nothing that a start waits for");
    await (await start("auto")).close();
    assert.equal(await retries(), meant);
  });

  it("[QU3] is not done before its time", async () => {
    const jobs = await queue();
    const done: string[] = [];
    await jobs.work(remembering(done));
    const before = performance.now();
    const id = await put(jobs, crypto.randomUUID(), 1500);
    await eventually(() => done.includes(id), 10_000);
    assert.ok(performance.now() - before >= 1400);
  });

  it("[QU4] two workers never do the same job at the same time", async () => {
    const [one, other] = [await queue(), await queue()];
    const done: string[] = [];
    await Promise.all([one.work(remembering(done)), other.work(remembering(done))]);
    const ids = await Promise.all(Array.from({ length: 40 }, () => put(one)));
    await eventually(() => done.length >= ids.length, 20_000);
    assert.deepEqual(done.toSorted(), ids.toSorted());
  });

  it("[QU5] what fails is tried again, is reported by ids alone, and keeps no words of anybody", async () => {
    const jobs = await queue();
    const done: string[] = [];
    let failures = 1;
    await jobs.work(remembering(done, () => failures-- > 0));
    const id = await put(jobs);
    await eventually(() => done.length === 2, 20_000);
    assert.deepEqual(done, [id, id]);
    const [first] = reported;
    assert.deepEqual(Object.keys(first?.about ?? {}), ["job", "id", "retryCount"]);
    const { rows } = await opened.pool.query("select output::text from pgboss.job where name = 'deliver'");
    assert.doesNotMatch(JSON.stringify(rows), /ada@example/);
  });

  it("[QU8] what fails to the end is kept among the dead letters, for somebody to look at", async () => {
    const jobs = await queue();
    const id = await put(jobs);
    await opened.pool.query("update pgboss.job set retry_limit = 0 where name = 'deliver'");
    await jobs.work(remembering([], () => true));
    await eventually(
      async () =>
        (await jobs.figures()).some(({ kind, waiting }) => kind === "dead-letters" && waiting > 0) ||
        (await dead()).length > 0,
      20_000,
    );
    assert.deepEqual(await dead(), [{ deliveryId: id }]);
  });

  const dead = async () =>
    (await opened.pool.query("select data from pgboss.job where name = 'dead-letters'")).rows.map(({ data }) => data);

  it("[QU6] while it goes, what is under way comes to its end, and nothing new begins", async () => {
    const jobs = await queue();
    const under = Promise.withResolvers<void>();
    const done: string[] = [];
    const handlers: Handlers = {
      ...remembering([]),
      deliver: async ({ deliveryId }) => {
        await under.promise;
        done.push(deliveryId);
      },
    };
    await jobs.work(handlers);
    const id = await put(jobs);
    await eventually(
      async () => (await opened.pool.query("select from pgboss.job where state = 'active'")).rowCount === 1,
    );
    const stopped = jobs.stop();
    const late = await put(await queue(false));
    under.resolve();
    await stopped;
    assert.deepEqual(done, [id]);
    assert.ok(!done.includes(late));
  });
});

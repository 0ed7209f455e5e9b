import assert from "node:assert/strict";
import type { JobDesk } from "../../domain/staff-operations.ts";
import { JobId, type JobState } from "../../schema/wire/staff-operations.ts";
import { type Handlers, JobQueue } from "../../server/adapters/jobs/boss.ts";
import { eventually } from "../support/embedded.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";

const nobody = async () => undefined;

describe("the desk of jobs", function () {
  this.timeout(60_000);
  let opened: TemporaryDatabase;
  let queue: JobQueue;
  let desk: JobDesk;
  beforeEach(async () => {
    opened = await temporaryDatabase();
    const { pool, database } = opened;
    queue = await JobQueue.open({ pool, database, report: () => undefined }, { doesWork: true });
    desk = queue.desk;
  });
  afterEach(async () => {
    await queue.stop();
    await opened.close();
  });

  const put = (afterMs = 3_600_000) =>
    opened.database.transaction((em) =>
      queue.put(em, { what: "deliver", deliveryId: crypto.randomUUID() }, { afterMs }),
    );
  const retry = (id: string) => opened.database.transaction((em) => desk.retry(em, JobId.parse(id)));
  const states = async (state: JobState) => (await desk.list(state, 50, undefined)).map(({ kind }) => kind);

  /** One that was tried as often as it may be. */
  async function died(): Promise<void> {
    await put();
    await opened.pool.query("update pgboss.job set retry_limit = 0, start_after = now() where name = 'deliver'");
    const deliver = async () => {
      throw new TypeError("ada@example.org was not at home");
    };
    const others = { "mail.link": nobody, "mail.change": nobody, "media.check": nobody, export: nobody, erase: nobody };
    const research = { "research.intake": nobody, "research.withdraw": nobody };
    const handlers: Handlers = { deliver, ...others, ...research };
    await queue.work(handlers);
    await eventually(async () => (await states("dead")).length === 1);
  }

  it("[PP9] lists jobs by state, page by page, by kind and without what they are about", async () => {
    for (let n = 0; n < 3; n++) await put();
    const [first, second, ...more] = await desk.list("waiting", 2, undefined);
    assert.ok(first && second && more.length === 0);
    const rest = await desk.list("waiting", 2, `${second.createdAt} ${second.id}`);
    assert.equal(new Set([first, second, ...rest].map(({ id }) => id)).size, 3);
    assert.deepEqual(await desk.counts(), [{ state: "waiting", count: 3 }]);
    for (const state of ["active", "completed", "failed", "dead"] as const) assert.deepEqual(await states(state), []);
  });

  it("[PP9] a dead one is told by what it was and the kind of error, and is tried again, once", async () => {
    await died();
    const [dead] = await desk.list("dead", 50, undefined);
    assert.ok(dead);
    assert.deepEqual([dead.kind, dead.state, dead.error], ["deliver", "dead", "TypeError"]);
    assert.doesNotMatch(JSON.stringify(dead), /ada@/);
    await queue.stop();
    const again = await Promise.all([retry(dead.id), retry(dead.id)]);
    assert.deepEqual(again.toSorted(), [false, true]);
    assert.deepEqual([await states("dead"), await states("waiting")], [[], ["deliver"]]);
    assert.equal(await retry(crypto.randomUUID()), false);
  });
});

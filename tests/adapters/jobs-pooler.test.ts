import assert from "node:assert/strict";
import { openDatabase } from "../../server/adapters/database/open.ts";
import { type Handlers, JobQueue } from "../../server/adapters/jobs/boss.ts";
import { eventually } from "../support/embedded.ts";
import { describeWithPgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { emptyDatabase } from "../support/postgres.ts";

const silent = { info: () => undefined, warn: () => undefined };
const nobody = async () => undefined;

describeWithPgBouncer("work for later, behind a pooler in transaction mode", function () {
  this.timeout(60_000);

  it("[QU11] has its tables made, is put with its cause or not at all, and is done once by one of two workers", async () => {
    const { url, drop } = await emptyDatabase();
    const bouncer = await startPgBouncer(url);
    const opened = await openDatabase({ url: bouncer.url, migrate: "auto", connections: 6, log: silent });
    const { pool, database } = opened;
    const reported: unknown[] = [];
    const done: string[] = [];
    const handlers: Handlers = {
      deliver: async ({ deliveryId }) => void done.push(deliveryId),
      ...{ "mail.link": nobody, "mail.change": nobody, export: nobody, erase: nobody, "media.check": nobody },
      ...{ "research.intake": nobody, "research.withdraw": nobody },
    };
    const report = (error: unknown) => void reported.push(error);
    const workers = await Promise.all([1, 2].map(() => JobQueue.open({ pool, database, report }, { doesWork: true })));
    const [one] = workers;
    assert.ok(one);
    for (const worker of workers) await worker.work(handlers);
    const put = (fails: boolean) =>
      database.transaction(async (em) => {
        const deliveryId = crypto.randomUUID();
        await one.put(em, { what: "deliver", deliveryId });
        if (fails) throw new Error("it was not to be");
        return deliveryId;
      });
    const ids = await Promise.all(Array.from({ length: 40 }, () => put(false)));
    await Promise.all(Array.from({ length: 10 }, () => assert.rejects(put(true), /not to be/)));
    await eventually(() => done.length >= ids.length, 20_000);
    await eventually(async () => (await jobsLeft(pool)) === 0);
    assert.deepEqual(done.toSorted(), ids.toSorted());
    assert.deepEqual(reported, []);
    for (const worker of workers) await worker.stop();
    await opened.close();
    await bouncer.stop();
    await drop();
  });
});

async function jobsLeft(pool: { query(sql: string): Promise<{ rows: { left: number }[] }> }): Promise<number> {
  const { rows } = await pool.query("select count(*)::int as left from pgboss.job where state <> 'completed'");
  return rows[0]?.left ?? 0;
}

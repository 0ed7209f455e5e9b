import assert from "node:assert/strict";
import { UserId } from "../../schema/wire/ids.ts";
import type { Nudges } from "../../server/adapters/notices/nudges.ts";
import { chance } from "../../server/chance.ts";
import { eventually } from "../support/embedded.ts";
import { memoryNudges, NoticeNode } from "../support/notice-nodes.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";

/** A look every two seconds, and what it takes to look, on a machine with much else to do. */
const SOON_MS = 4000;

const somebody = () => UserId.parse(chance.newId(Date.now()));

describe("the notice board", function () {
  this.timeout(60_000);
  let opened: TemporaryDatabase;
  before(async () => {
    opened = await temporaryDatabase();
  });
  after(() => opened?.close());

  const nodes: NoticeNode[] = [];
  const node = async (nudges?: Nudges): Promise<NoticeNode> => {
    const one = new NoticeNode(opened, nudges);
    await one.board.start();
    nodes.push(one);
    return one;
  };
  afterEach(() => Promise.all(nodes.splice(0).map(({ board }) => board.stop())));

  const sql = async (text: string, values: unknown[] = []) => (await opened.pool.query(text, values)).rows;
  const write = (userId: UserId, more = "made_at", value = "now()") =>
    sql(`insert into notices (id, news, ${more}) values (gen_random_uuid(), $1, ${value})`, [
      { what: "person.changed", userId },
    ]);

  it("[NO2] what is committed here is heard here at once, and in every other process within two seconds, once", async () => {
    const [here, there, elsewhere] = [await node(), await node(), await node()];
    const [first, second] = [somebody(), somebody()];
    await here.change(first);
    assert.deepEqual(here.people, [first]);
    await eventually(() => there.people.length > 0 && elsewhere.people.length > 0, SOON_MS);
    await there.change(second);
    await eventually(() => here.people.length > 1 && elsewhere.people.length > 1, SOON_MS);
    const reads = () => Math.min(...nodes.map((one) => one.reads));
    const before = reads();
    await eventually(() => reads() > before, SOON_MS);
    for (const one of nodes) assert.deepEqual(one.people, [first, second]);
  });

  it("[NO2] a nudge brings it at once, though another look is under way", async () => {
    const nudges = memoryNudges();
    const [here, there] = [await node(nudges), await node(nudges)];
    const people = Array.from({ length: 20 }, somebody);
    for (const one of people) {
      await here.change(one);
      await eventually(() => there.people.includes(one), 1000);
    }
    assert.deepEqual([here.people, there.people], [people, people]);
  });

  it("[NO9] a look that takes long is the only one, and is followed by another for nudges that came meanwhile", async () => {
    const nudges = memoryNudges();
    const one = await node(nudges);
    const { promise, resolve } = Promise.withResolvers<void>();
    one.slow = promise;
    const before = one.reads;
    nudges.send();
    await eventually(() => one.reads > before);
    const began = performance.now();
    while (performance.now() - began < 300) {
      nudges.send();
      await new Promise(setImmediate);
    }
    assert.equal(one.reads, before + 1);
    one.slow = undefined;
    resolve();
    await eventually(() => one.reads === before + 2, 500);
  });

  it("[NO9] however many nudges come, the database is asked twenty times a second at most", async () => {
    const nudges = memoryNudges();
    const one = await node(nudges);
    const [began, before] = [performance.now(), one.reads];
    while (performance.now() - began < 1000) {
      for (let n = 0; n < 1000; n++) nudges.send();
      await new Promise(setImmediate);
    }
    const asked = one.reads - before;
    assert.ok(asked > 2 && asked <= 22, `${asked} times`);
  });

  it("[NO3] what is committed long after it was written, past what others wrote since, is heard all the same", async () => {
    const nudges = memoryNudges();
    const [here, there] = [await node(nudges), await node(nudges)];
    const [late, early] = [somebody(), somebody()];
    const { promise: looked, resolve: commit } = Promise.withResolvers<void>();
    const changed = here.change(late, () => looked);
    await there.change(early);
    await eventually(() => here.people.includes(early));
    commit();
    await changed;
    await eventually(() => there.people.length === 2);
    assert.deepEqual(
      [here.people, there.people],
      [
        [early, late],
        [early, late],
      ],
    );

    const slow = somebody();
    const writer = await opened.pool.connect();
    await writer.query("begin");
    await writer.query(
      `insert into notices (id, news, made_at) values (gen_random_uuid(), $1, now() - interval '50 minutes')`,
      [{ what: "person.changed", userId: slow }],
    );
    const before = there.reads;
    nudges.send();
    await eventually(() => there.reads > before + 1);
    await writer.query("commit");
    writer.release();
    nudges.send();
    await eventually(() => there.people.includes(slow));
  });

  it("[NO4] a process that cannot read says so once, hears afterwards all it missed, and says that once", async () => {
    const nudges = memoryNudges();
    const [here, there] = [await node(nudges), await node(nudges)];
    there.outage = new Error("Connection terminated");
    const people = Array.from({ length: 5 }, somebody);
    const before = there.reads;
    for (const one of people) {
      await here.change(one);
      const reads = there.reads;
      await eventually(() => there.reads > reads);
    }
    assert.ok(there.reads >= before + 5);
    assert.deepEqual([there.people, there.said.length], [[], 1]);
    // As if it had been away for most of an hour.
    await sql("update notices set made_at = made_at - interval '50 minutes'");
    there.outage = undefined;
    await eventually(() => there.people.length === 5, SOON_MS);
    assert.deepEqual(there.people, people);
    await eventually(() => there.said.length === 2);
    assert.deepEqual(there.said, ["news of other processes cannot be read", "news of other processes is read again"]);
    assert.deepEqual(here.said, []);
  });

  it("[NO5] what happened before a process began is no news to it; without a database it does not begin", async () => {
    const nudges = memoryNudges();
    const here = await node(nudges);
    await here.change(somebody());
    const later = await node(nudges);
    const news = somebody();
    await here.change(news);
    await eventually(() => later.people.includes(news));
    assert.deepEqual(later.people, [news]);
    const never = new NoticeNode(opened);
    never.outage = new Error("Connection terminated");
    await assert.rejects(never.board.start());
  });

  it("[NO6] a process whose commit was not answered hears of it like the others, once", async () => {
    const [here, there] = [await node(), await node()];
    const one = somebody();
    await here.changeUnheard(one);
    assert.deepEqual(here.people, []);
    await eventually(() => here.people.length > 0 && there.people.length > 0, SOON_MS);
    assert.deepEqual([here.people, there.people], [[one], [one]]);
  });

  it("[NO7] what this version has no word for is said once and passed over, and what cannot be told keeps nobody else from theirs", async () => {
    const nudges = memoryNudges();
    const one = await node(nudges);
    const [bad, good] = [somebody(), somebody()];
    one.onHear = (news) => {
      if (news.what === "person.changed" && news.userId === bad) throw new Error("nobody wants to hear that");
    };
    for (const odd of [{ what: "moon.rose" }, { what: "moon.set" }, [], "x", { what: "person.changed", userId: 1 }]) {
      await sql("insert into notices (id, news) values (gen_random_uuid(), $1)", [JSON.stringify(odd)]);
    }
    await write(bad);
    await write(good);
    nudges.send();
    await eventually(() => one.people.includes(good));
    assert.deepEqual([one.people, one.reported.length, one.said.length], [[good], 1, 1]);
  });

  it("[NO8] what is older than an hour is forgotten, and nothing younger", async () => {
    const one = await node();
    await sql("delete from notices");
    await write(somebody(), "made_at", "now() - interval '61 minutes'");
    await write(somebody(), "made_at", "now() - interval '59 minutes'");
    await one.board.purge();
    assert.equal((await sql("select 1 from notices")).length, 1);
  });

  it("[NO15] where transactions count anew, after a standby took over, the latest news is read again and heard once", async () => {
    const nudges = memoryNudges();
    const one = await node(nudges);
    const [known, news] = [somebody(), somebody()];
    await one.change(known);
    // Such numbers were given out, and seen, before.
    await write(news, "made_in", "'3'");
    nudges.send();
    await eventually(() => one.people.includes(news));
    const before = one.reads;
    nudges.send();
    await eventually(() => one.reads > before);
    assert.deepEqual(one.people, [known, news]);
  });

  it("[NO11] a look is one statement that asks two indexes, however much was told", async () => {
    const one = await node();
    await sql(
      `insert into notices (id, news, made_at)
       select gen_random_uuid(), '{}', now() - interval '1 minute' - n * interval '50 ms' from generate_series(1, 50000) n`,
    );
    await sql("analyze notices");
    const asked: [string, unknown[]][] = [];
    const { pool } = opened;
    const spying = new NoticeNode({
      ...opened,
      pool: Object.create(pool, {
        query: {
          value: (text: string, values: unknown[]) => {
            asked.push([text, values]);
            return pool.query(text, values);
          },
        },
      }),
    });
    nodes.push(spying);
    await spying.board.start();
    await eventually(() => asked.length === 2, SOON_MS);
    const [text = "", values = []] = asked[1] ?? [];
    const plan = (await sql(`explain ${text}`, values)).map((row) => row["QUERY PLAN"]).join("\n");
    assert.match(plan, /notices_made_in/);
    assert.match(plan, /notices_made_at/);
    assert.doesNotMatch(plan, /Seq Scan/);
    assert.deepEqual(one.people, []);
  });

  it("[NO2] a board that was stopped asks no more, hears no more of others, and still tells what happens here", async () => {
    const nudges = memoryNudges();
    const [here, there] = [await node(nudges), await node(nudges)];
    await here.board.stop();
    const reads = here.reads;
    const [own, other] = [somebody(), somebody()];
    await here.change(own);
    await there.change(other);
    await eventually(() => there.people.length === 2);
    assert.deepEqual([here.people, here.reads], [[own], reads]);
  });
});

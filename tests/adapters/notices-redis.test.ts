import assert from "node:assert/strict";
import { UserId } from "../../schema/wire/ids.ts";
import { redisNudges } from "../../server/adapters/notices/redis-nudges.ts";
import { type OpenedRedis, openRedis } from "../../server/adapters/redis/open.ts";
import { chance } from "../../server/chance.ts";
import { eventually } from "../support/embedded.ts";
import { NoticeNode } from "../support/notice-nodes.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { describeWithRedis, startRedis, type TestRedis } from "../support/redis.ts";
import { stopwatch } from "../support/stopwatch.ts";

/** By a nudge, on a machine with much else to do; without one it would be a while longer, more often than not. */
const AT_ONCE_MS = 500;

/** A look every two seconds, and what it takes to look. */
const SOON_MS = 4000;

const somebody = () => UserId.parse(chance.newId(Date.now()));

describeWithRedis("nudges through Redis", function () {
  this.timeout(90_000);
  let database: TemporaryDatabase;
  let redis: TestRedis;
  let here: NoticeNode;
  let there: NoticeNode;
  const opened: OpenedRedis[] = [];
  const printed: unknown[] = [];
  const { log, warn, error } = console;

  const open = () => {
    const one = openRedis({ url: redis.url, log: { info: () => undefined, warn: () => undefined } });
    opened.push(one);
    return one;
  };
  before(async () => {
    for (const how of ["log", "warn", "error"] as const) console[how] = (...words) => void printed.push(words);
    redis = await startRedis();
    database = await temporaryDatabase();
    [here, there] = [new NoticeNode(database, redisNudges(open())), new NoticeNode(database, redisNudges(open()))];
    await Promise.all([here.board.start(), there.board.start()]);
    await eventually(async () => (await listeners()) === 2);
  });
  after(async () => {
    Object.assign(console, { log, warn, error });
    await Promise.all([here?.board.stop(), there?.board.stop()]);
    await Promise.all(opened.map((one) => one.close()));
    await redis?.stop();
    await database?.close();
  });

  const listeners = async () => Number((await redis.cli("pubsub", "numsub", "twinship:news")).split("\n")[1]);

  const toldWithin = async (ms: number, who = there) => {
    const one = somebody();
    const took = stopwatch();
    await here.change(one);
    assert.ok(took() < 1000, "nobody waits for Redis");
    await eventually(() => who.people.includes(one), ms);
  };

  /** Some in a row, each after the last was heard: no more than one of them can be lucky to meet a look. */
  const toldAtOnce = async (who = there) => {
    for (let n = 0; n < 5; n++) await toldWithin(AT_ONCE_MS, who);
  };

  /** Both ends find their way back by themselves, each in its time. */
  const toldAtOnceAgain = (who = there) =>
    eventually(
      () =>
        toldAtOnce(who).then(
          () => true,
          () => false,
        ),
      15_000,
    );

  it("[NO9] news is read at once where a nudge comes", () => toldAtOnce());

  it("[NO9] whatever a nudge says is not read, and ten thousand lies a second cost twenty looks a second at most", async () => {
    const liar = open();
    await eventually(() => liar.isThere());
    const before = there.reads;
    const heard = there.heard.length;
    const began = performance.now();
    let lies = 0;
    while (performance.now() - began < 1000) {
      const said = ["{", '{"what":"person.changed"}', "\u0000", "", "x".repeat(5000)];
      const batch = Array.from({ length: 200 }, (_, n) => liar.commands.publish("twinship:news", said[n % 5] ?? ""));
      await Promise.all(batch);
      lies += batch.length;
    }
    const asked = there.reads - before;
    const seconds = (performance.now() - began) / 1000;
    assert.ok(lies > 2000, `only ${lies} lies were told`);
    assert.ok(asked > 2 && asked <= 20 * seconds + 2, `${asked} looks in ${seconds} s`);
    assert.equal(there.heard.length, heard);
    await toldAtOnce();
  });

  it("[NO10] without Redis news is heard within two seconds, and by nudges again when it is back, with nothing it knew", async () => {
    await redis.kill();
    await toldWithin(SOON_MS);
    await toldWithin(SOON_MS);
    await redis.restart({ empty: true });
    await toldAtOnceAgain();
  });

  it("[NO10] while Redis is frozen nobody waits for it, and it nudges again when it goes on", async () => {
    await redis.kill("SIGSTOP");
    await toldWithin(SOON_MS);
    await toldWithin(SOON_MS);
    await redis.kill("SIGCONT");
    await toldAtOnceAgain();
  });

  it("[NO10] a process that begins while Redis is away is nudged once it is there", async () => {
    await redis.kill();
    const late = new NoticeNode(database, redisNudges(open()));
    await late.board.start();
    await redis.restart();
    await toldAtOnceAgain(late);
    await late.board.stop();
    await eventually(async () => (await listeners()) === 2);
  });

  it("[NO10] none of that is printed, attempt by attempt", () => {
    assert.deepEqual(printed, []);
  });
});

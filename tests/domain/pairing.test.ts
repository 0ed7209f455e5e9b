import assert from "node:assert/strict";
import { LIMITS } from "../../domain/limits.ts";
import type { Caller } from "../../domain/ports.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { code } from "../support/accounts-world.ts";
import { PairingWorld } from "../support/pairing-world.ts";
import { Random } from "../support/random.ts";

const DAY_MS = 86_400_000;

describe("pairing", function () {
  this.timeout(60_000);
  let world: PairingWorld;
  before(async () => {
    world = await PairingWorld.open();
  });
  after(() => world.close());
  beforeEach(() => void world.heard.splice(0));

  const codeOf = async (who: Caller) => (await world.pairing.newCode(who)).code;
  const room = async (pairId: string) =>
    (await world.sql("select epoch, status, owner, room_id from pair_rooms where pair_id = $1", [pairId]))[0];

  it("[PA1] a code is good for a day to the millisecond", async () => {
    const [ada, bea, cara] = await world.people(3);
    assert.ok(ada && bea && cara);
    const { code: short, expiresAt } = await world.pairing.newCode(ada);
    assert.equal(Date.parse(expiresAt), world.clock.now() + DAY_MS);
    world.clock.advance(DAY_MS);
    await assert.rejects(world.pairing.redeem(bea, short), code("GONE"));
    const other = await codeOf(cara);
    world.clock.advance(DAY_MS - 1);
    assert.ok((await world.pairing.redeem(bea, other)).pairId);
  });

  it("[PA4] one's own code, an unknown one and no code at all are told apart", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const own = await codeOf(ada);
    await assert.rejects(world.pairing.redeem(ada, own), (error) => {
      assert.deepEqual(Reflect.get(Object(error), "details"), [
        { path: "code", message: "is your own: your twin must enter it" },
      ]);
      return code("VALIDATION_ERROR")(error);
    });
    for (const nothing of ["ZZZZZZZZ", "", own.slice(0, 7), `${own}A`, "A".repeat(64), "'; drop table users"]) {
      await assert.rejects(world.pairing.redeem(bea, nothing), code("NOT_FOUND"));
    }
  });

  it("[PA10] opening a pair makes its room, and both hear of it once it is committed, once", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const short = await codeOf(ada);
    const { pairId, twinProfile } = await world.pairing.redeem(bea, short);
    assert.equal(twinProfile.id, ada.userId);
    assert.deepEqual(await room(pairId), { epoch: 0, status: "open", owner: null, room_id: null });
    await world.pairing.redeem(bea, short);
    assert.deepEqual(world.heard, [`opened ${pairId} ${[ada.userId, bea.userId].sort()}`]);
    assert.deepEqual(
      [await world.pairing.activePair(ada.userId), await world.pairing.activePair(bea.userId)],
      [pairId, pairId],
    );
    assert.equal((await world.pairing.news(ada.userId))?.twinProfile.id, bea.userId);
  });

  it("[PA10] what is not committed is told to nobody", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const short = await codeOf(ada);
    const { database } = world.opened;
    const undone = database.transaction(async () => {
      await world.pairing.redeem(bea, short);
      throw new Error("and then something broke");
    });
    await assert.rejects(undone, /something broke/);
    assert.deepEqual([world.heard, await world.pairing.activePair(ada.userId)], [[], null]);
    assert.ok((await world.pairing.redeem(bea, short)).pairId);
  });

  it("[PA9] parting fences the room, frees both, tells both, and leaves history readable", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const pairId = await world.pairUp(ada, bea);
    await world.sql("update pair_rooms set epoch = 7, owner = 'p', room_id = 'r' where pair_id = $1", [pairId]);
    world.heard.length = 0;
    assert.equal(await world.pairing.unpair(bea), pairId);
    assert.deepEqual(await room(pairId), { epoch: 8, status: "closed", owner: null, room_id: null });
    assert.deepEqual(world.heard, [`closed ${pairId} unpaired`]);
    for (const { userId } of [ada, bea]) {
      assert.equal(await world.pairing.activePair(userId), null);
      assert.equal(await world.pairing.isMember(pairId, userId), true);
      assert.deepEqual(
        (await world.pairing.former(userId)).map(({ id, status }) => [id, status]),
        [[pairId, "closed"]],
      );
    }
    await assert.rejects(world.pairing.unpair(ada), code("NOT_PAIRED"));
  });

  it("[PA9] both parting at once part once", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const pairId = await world.pairUp(ada, bea);
    const ends = await Promise.allSettled([world.pairing.unpair(ada), world.pairing.unpair(bea)]);
    assert.deepEqual(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal((await room(pairId))?.["epoch"], 1);
    assert.equal(world.heard.filter((one) => one.startsWith("closed")).length, 1);
  });

  it("[PA9] the same two again revive their pair and its history; with somebody else it is a new one", async () => {
    const [ada, bea, cara] = await world.people(3);
    assert.ok(ada && bea && cara);
    const pairId = await world.pairUp(ada, bea);
    await world.sql("update pair_rooms set last_seq = 5, version = 9 where pair_id = $1", [pairId]);
    await world.pairing.unpair(ada);
    world.clock.advance(1000);
    const between = await world.pairUp(cara, ada);
    assert.notEqual(between, pairId);
    await world.pairing.unpair(cara);
    world.clock.advance(1000);
    assert.equal(await world.pairUp(bea, ada), pairId);
    assert.deepEqual(await room(pairId), { epoch: 2, status: "open", owner: null, room_id: null });
    const view = await world.pairing.current(ada.userId);
    assert.deepEqual(
      [view?.id, view?.status, view?.unpairedAt, view?.totalMessages, view?.pairedAt],
      [pairId, "open", null, 5, new Date(world.clock.now()).toISOString()],
    );
    assert.deepEqual(
      (await world.pairing.former(ada.userId)).map(({ id }) => id),
      [between],
    );
    assert.deepEqual(await world.pairing.former(bea.userId), []);
  });

  it("[PA12] nobody comes back by a code that was given out before they parted", async () => {
    const [ada, bea, cara] = await world.people(3);
    assert.ok(ada && bea && cara);
    const [old, taken] = [await codeOf(ada), await codeOf(bea)];
    await world.pairing.redeem(ada, taken);
    await assert.rejects(world.pairing.redeem(cara, old), code("CONFLICT"));
    await world.pairing.unpair(ada);
    await assert.rejects(world.pairing.redeem(bea, old), code("GONE"));
    await assert.rejects(world.pairing.redeem(ada, taken), code("CONFLICT"));
    assert.ok((await world.pairing.redeem(bea, await codeOf(ada))).pairId);
  });

  it("[PA13] a code of an account that is suspended or gone is no code", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const short = await codeOf(ada);
    for (const status of ["suspended", "deleted"]) {
      await world.sql("update users set status = $2 where id = $1", [ada.userId, status]);
      await assert.rejects(world.pairing.redeem(bea, short), code("NOT_FOUND"));
    }
  });

  it("[PA11] guesses run out after ten an hour, right or wrong", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const pairing = world.on(world.opened.database, memoryLimits(LIMITS));
    for (let n = 0; n < 10; n++) await assert.rejects(pairing.redeem(bea, "ZZZZZZZZ"), code("NOT_FOUND"));
    await assert.rejects(pairing.redeem(bea, await codeOf(ada)), code("RATE_LIMIT_EXCEEDED"));
    await assert.rejects(pairing.redeem(ada, "ZZZZZZZZ"), code("NOT_FOUND"));
  });

  it("[PA14] the database itself allows one active pair a person, and breaking it is a CONFLICT", async () => {
    const [ada, bea, cara] = await world.people(3);
    assert.ok(ada && bea && cara);
    const pairId = await world.pairUp(ada, bea);
    await world.pairing.unpair(ada);
    const short = await codeOf(cara);
    // Somebody who asks for no lock makes the old pair active again, after we looked and before we write.
    const activate = "update pair_members set is_active = $2 where pair_id = $1";
    const meddler = await world.opened.pool.connect();
    await meddler.query("begin");
    await meddler.query(activate, [pairId, true]);
    const refused = assert.rejects(world.pairing.redeem(ada, short), code("CONFLICT"));
    const waits = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while ((await world.sql(waits)).length === 0) await new Promise(setImmediate);
    await meddler.query("commit");
    meddler.release();
    await refused;
    assert.equal(await world.pairing.activePair(cara.userId), null);
    await world.sql(activate, [pairId, false]);
  });

  it("[PA5] of many who race for one code one wins, and of many codes raced for by one, one", async () => {
    const [ada, ...others] = await world.people(9);
    assert.ok(ada);
    const short = await codeOf(ada);
    const answers = await Promise.allSettled(others.map((other) => world.pairing.redeem(other, short)));
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
    for (const answer of answers) if (answer.status === "rejected") assert.ok(code("CONFLICT")(answer.reason));
    const [bea, ...inviters] = await world.people(9);
    assert.ok(bea);
    const codes = await Promise.all(inviters.map(codeOf));
    const redeemed = await Promise.allSettled(codes.map((one) => world.pairing.redeem(bea, one)));
    assert.equal(redeemed.filter(({ status }) => status === "fulfilled").length, 1);
  });

  it("[PA6] codes that cross make one pair, however often and however close", async () => {
    for (let round = 0; round < 20; round++) {
      const [ada, bea] = await world.people(2);
      assert.ok(ada && bea);
      const [adas, beas] = await Promise.all([codeOf(ada), codeOf(bea)]);
      const answers = await Promise.all([
        world.pairing.redeem(bea, adas),
        world.pairing.redeem(ada, beas),
        world.pairing.redeem(bea, adas),
      ]);
      assert.equal(new Set(answers.map(({ pairId }) => pairId)).size, 1);
    }
    assert.equal(world.heard.length, 20);
  });

  it("[PA14] six people who pair and part at random are never in two pairs, and never in each other's way", async () => {
    const random = new Random(11);
    const [first, ...others] = await world.people(6);
    assert.ok(first);
    const people: readonly [Caller, ...Caller[]] = [first, ...others];
    const refusals = new Set<string>();
    const step = async (who: Caller): Promise<void> => {
      try {
        if (random.percent(25)) await world.pairing.unpair(who);
        else await world.pairing.redeem(who, await codeOf(random.pick(people)));
      } catch (error) {
        refusals.add(String(Reflect.get(Object(error), "code")));
      }
    };
    for (let round = 0; round < 60; round++) {
      await Promise.all(people.map(step));
      const twice = await world.sql("select user_id from pair_members where is_active group by 1 having count(*) > 1");
      const torn = await world.sql(
        `select p.id from pairs p join pair_rooms r on r.pair_id = p.id
         where p.status <> r.status or (p.status = 'open') <> (
           (select count(*) from pair_members m where m.pair_id = p.id and m.is_active) = 2)`,
      );
      assert.deepEqual([twice, torn], [[], []]);
    }
    const expected = ["CONFLICT", "GONE", "NOT_FOUND", "NOT_PAIRED", "VALIDATION_ERROR"];
    assert.deepEqual(
      [...refusals].filter((one) => !expected.includes(one)),
      [],
    );
    for (const { userId } of people) {
      const view = await world.pairing.current(UserId.parse(userId));
      if (view) assert.equal((await world.pairing.current(view.twin.id))?.twin.id, userId);
    }
  });
});

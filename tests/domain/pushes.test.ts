import assert from "node:assert/strict";
import { AsyncResource } from "node:async_hooks";
import { databaseDueRows } from "../../server/adapters/database/push-due.ts";
import { noon } from "../support/accounts-world.ts";
import { PushWorld } from "../support/push-world.ts";

const HOUR_MS = 60 * 60_000;

describe("pushes", () => {
  let world: PushWorld;
  before(async () => {
    world = await PushWorld.open();
  });
  after(() => world.close());
  beforeEach(() => world.clear());

  const round = () => world.pushes().round();
  const bodies = (token: string) => world.rungOn(token).map(({ body }) => body);
  const wait = (ms: number) => world.world.clock.advance(ms);

  it("[PU1] two hundred messages to who is away are one push a phone, which says from whom and never what", async () => {
    const { ada, bea, pairId, say } = await world.twins();
    const [one, other] = [await world.phone(bea), await world.phone(bea, "d2")];
    for (let n = 0; n < 200; n++) await say(ada);
    await round();
    for (const token of [one, other]) {
      const letter = { template: "message", title: "Ada", body: "99+ new messages", collapse: `pair-${pairId}` };
      assert.deepEqual(world.rungOn(token), [{ ...letter, data: { kind: "message", pairId } }]);
    }
    assert.ok(!JSON.stringify(world.world.outbox.sent).includes("secretword"));
    assert.equal(await world.dueLeft(), 0);
    wait(HOUR_MS);
    await round();
    assert.equal(world.rungOn(one).length, 1);
  });

  for (const [type, body] of [
    ["text", "sent you a message"],
    ["emoji", "sent you a message"],
    ["image", "sent you a photo"],
    ["voice", "sent you a voice message"],
    ["location", "shared a place with you"],
  ] as const)
    it(`[PU1] one message of type ${type} says "${body}", and nobody hears of their own`, async () => {
      const { ada, bea, say } = await world.twins();
      const [hers, theirs] = [await world.phone(ada), await world.phone(bea)];
      await say(ada, { type });
      await round();
      assert.deepEqual([bodies(theirs), bodies(hers)], [[body], []]);
    });

  it("[PU9] who writes by the line rings once in three seconds, and each push counts all that were not received", async () => {
    const { ada, bea, say, received } = await world.twins();
    const token = await world.phone(bea);
    await say(ada);
    await round();
    wait(1000);
    for (let n = 0; n < 3; n++) await say(ada);
    await round();
    assert.deepEqual(bodies(token), ["sent you a message"]);
    wait(1999);
    await round();
    assert.equal(bodies(token).length, 1);
    wait(1);
    await round();
    assert.deepEqual(bodies(token), ["sent you a message", "4 new messages"]);
    await received(4);
    wait(HOUR_MS);
    await say(ada);
    await round();
    assert.equal(bodies(token).at(-1), "sent you a message");
  });

  it("[PU2] is not sent before it is due, nor once it was received, deleted or hidden, nor when the pair has ended", async () => {
    const { ada, bea, pairId, say, received } = await world.twins();
    const token = await world.phone(bea);
    await say(ada, { dueIn: 15_000 });
    await round();
    assert.equal(await world.dueLeft(), 1);
    await received(1);
    wait(15_001);
    const deleted = await say(ada);
    await world.world.sql("update messages set deleted_at = now(), text = null where id = $1", [deleted]);
    const hides = JSON.stringify([{ userId: bea.id, version: 3 }]);
    await world.world.sql("update messages set hides = $2 where id = $1", [await say(ada), hides]);
    await round();
    assert.deepEqual([bodies(token), await world.dueLeft()], [[], 0]);
    await say(ada);
    await world.world.sql("update pair_members set is_active = false where pair_id = $1", [pairId]);
    await round();
    assert.deepEqual([bodies(token), await world.dueLeft()], [[], 0]);
  });

  it("[PU2] a phone in a pocket, which has not received it in fifteen seconds, rings once for all that came meanwhile", async () => {
    const { ada, bea, say } = await world.twins();
    const token = await world.phone(bea);
    await say(ada, { dueIn: 15_000 });
    wait(10_000);
    await say(ada, { dueIn: 15_000 });
    wait(4999);
    await round();
    assert.deepEqual(bodies(token), []);
    wait(1);
    await round();
    assert.deepEqual([bodies(token), await world.dueLeft()], [["2 new messages"], 0]);
    wait(HOUR_MS);
    await round();
    assert.equal(bodies(token).length, 1);
  });

  it("[PU2] what was deleted makes nothing ring that is not due itself", async () => {
    const { ada, bea, say } = await world.twins();
    const token = await world.phone(bea);
    const deleted = await say(ada);
    await say(ada, { dueIn: 15_000 });
    await world.world.sql("update messages set deleted_at = now(), text = null where id = $1", [deleted]);
    await round();
    assert.deepEqual([bodies(token), await world.dueLeft()], [[], 1]);
    wait(15_000);
    await round();
    assert.deepEqual(bodies(token), ["sent you a message"]);
  });

  it("[PU3] of a night waits until morning, and is one push then", async () => {
    const { ada, bea, say } = await world.twins();
    const token = await world.phone(bea);
    world.world.clock.time = noon + 11 * HOUR_MS;
    for (let n = 0; n < 3; n++) await say(ada);
    await round();
    assert.deepEqual([bodies(token), await world.dueLeft()], [[], 3]);
    world.world.clock.time = noon + 20 * HOUR_MS - 1;
    await round();
    assert.deepEqual(bodies(token), []);
    world.world.clock.time = noon + 20 * HOUR_MS;
    await round();
    assert.deepEqual(bodies(token), ["3 new messages"]);
  });

  it("[PU3] what was read in the night does not ring in the morning", async () => {
    const { ada, bea, say, received } = await world.twins();
    const token = await world.phone(bea);
    world.world.clock.time = noon + 11 * HOUR_MS;
    await say(ada);
    await round();
    await received(1);
    world.world.clock.time = noon + 20 * HOUR_MS;
    await round();
    assert.deepEqual([bodies(token), await world.dueLeft()], [[], 0]);
  });

  for (const settings of [{ notificationsEnabled: false }, { pushNotifications: { messages: false } }])
    it(`[PU4] is not sent to who wants none: ${JSON.stringify(settings)}`, async () => {
      const { ada, bea, say } = await world.twins();
      const token = await world.phone(bea);
      await world.world.profiles.changeSettings(bea.caller, settings);
      await say(ada);
      await round();
      assert.deepEqual([bodies(token), await world.dueLeft()], [[], 0]);
    });

  it("[PU5] workers at once send one push, however many they are", async () => {
    const { ada, bea, say } = await world.twins();
    const token = await world.phone(bea);
    for (let n = 0; n < 20; n++) await say(ada);
    await Promise.all([round(), round(), round()]);
    assert.deepEqual(bodies(token), ["20 new messages"]);
  });

  it("[PU5] what another worker is at is left to it, and not waited for", async () => {
    const { ada, bea, pairId, say } = await world.twins();
    const token = await world.phone(bea);
    await say(ada);
    // As from another process: it joins no transaction of ours.
    const elsewhere = AsyncResource.bind(round);
    await world.world.opened.database.transaction(async (em) => {
      assert.ok(await databaseDueRows.take(em, { pairId, userId: bea.id }));
      await elsewhere();
      assert.deepEqual([bodies(token), await world.dueLeft()], [[], 1]);
    });
    await round();
    assert.equal(bodies(token).length, 1);
  });

  it("[PU5] who fails is put off and tried again, and all others ring meanwhile", async () => {
    const [one, other] = [await world.twins(), await world.twins()];
    const [troubled, token] = [await world.phone(one.bea), await world.phone(other.bea)];
    await one.say(one.ada);
    await other.say(other.ada);
    const due = {
      ...databaseDueRows,
      forgetUpTo: (...of: Parameters<typeof databaseDueRows.forgetUpTo>) => {
        if (of[1].pairId === one.pairId) throw new Error("the plug was pulled");
        return databaseDueRows.forgetUpTo(...of);
      },
    };
    await assert.rejects(world.pushes({ due }).round(), /plug/);
    assert.deepEqual([bodies(token).length, await world.dueLeft()], [1, 1]);
    world.world.outbox.sent.length = 0;
    await round();
    assert.deepEqual(bodies(troubled), []);
    wait(60_000);
    await round();
    assert.deepEqual(bodies(troubled), ["sent you a message"]);
  });

  it("[PU5] rows whose history is gone are forgotten, and in nobody's way", async () => {
    const { ada, bea, pairId, say } = await world.twins();
    const token = await world.phone(bea);
    const gone = crypto.randomUUID();
    for (let n = 1; n <= 3; n++)
      await world.world.sql("insert into push_due values ($1, $2, $3, '2020-01-01')", [gone, n, bea.id]);
    await world.world.sql("insert into push_due values ($1, 77, $2, '2020-01-01')", [pairId, bea.id]);
    await say(ada);
    await round();
    assert.deepEqual([bodies(token).length, await world.dueLeft()], [1, 0]);
  });

  it("[PT1] a phone that signed out is silent at once, and no other", async () => {
    const { ada, bea, say } = await world.twins();
    const first = await world.phone(bea);
    const second = await world.phone({ caller: await world.signedIn(bea, "d2") }, "d2");
    await world.world.sessions.logout(bea.caller, { everywhere: false, refreshToken: undefined });
    await say(ada);
    await round();
    assert.deepEqual([bodies(first).length, bodies(second).length], [0, 1]);
    await world.world.sessions.endAll(bea.id);
    wait(HOUR_MS / 2);
    await say(ada);
    await round();
    assert.deepEqual([bodies(first).length, bodies(second).length], [0, 1]);
  });

  it("[PT1] a phone whose session another phone ended is silent, and so is every phone of who deletes their account", async () => {
    const { ada, bea, say } = await world.twins();
    const first = await world.phone(bea);
    const other = await world.signedIn(bea, "d2");
    const second = await world.phone({ caller: other }, "d2");
    await world.world.sessions.end(other, bea.caller.sessionId);
    await say(ada);
    await round();
    assert.deepEqual([bodies(first).length, bodies(second).length], [0, 1]);
    await world.world.sql("update users set deletion_due_at = $2 where id = $1", [bea.id, new Date(noon + HOUR_MS)]);
    wait(HOUR_MS / 2);
    await say(ada);
    await round();
    assert.equal(bodies(second).length, 1);
  });

  it("[PU8] one that waited for its provider is dropped if it has nothing to tell any more", async () => {
    const { ada, bea, pairId, say, received } = await world.twins();
    const token = await world.phone(bea);
    const letter = { template: "message" as const, title: "Ada", body: "sent you a message", collapse: null };
    const message = { channel: "push" as const, to: token, letter: { ...letter, data: { kind: "message", pairId } } };
    const isTimely = (of = message, userId = bea.id) =>
      world.world.opened.database.transaction((em) => world.pushes().isTimely(em, of, userId));
    assert.equal(await isTimely(), false);
    await say(ada);
    assert.equal(await isTimely(), true);
    assert.equal(await isTimely(message, ada.id), false);
    await received(1);
    assert.equal(await isTimely(), false);
    await say(ada);
    assert.equal(await isTimely(), true);
    await world.world.sessions.endAll(bea.id);
    assert.equal(await isTimely(), false);
  });

  it("[PU8] mail is none of its business", async () => {
    const message = {
      channel: "email" as const,
      to: "bea@example.org",
      letter: { template: "pair_ended" as const, name: "Bea", twinName: "Ada" },
    };
    const { database } = world.world.opened;
    assert.equal(await database.transaction((em) => world.pushes().isTimely(em, message, null)), true);
  });

  it("[PU6] that one has a twin, or no more, is told at once and not of a night", async () => {
    const ada = await world.person("Ada");
    const token = await world.phone(ada);
    const tell = (what: "paired" | "unpaired") =>
      world.world.opened.database.transaction((em) => world.pushes().tellByPush(em, ada.id, what, "Bea"));
    await tell("paired");
    await tell("unpaired");
    assert.deepEqual(
      world.rungOn(token).map(({ template, title }) => [template, title]),
      [
        ["paired", "Bea"],
        ["unpaired", "Bea"],
      ],
    );
    world.world.clock.time = noon + 11 * HOUR_MS;
    await tell("paired");
    world.world.clock.time = noon + 24 * HOUR_MS;
    await world.world.profiles.changeSettings(ada.caller, { notificationsEnabled: false });
    await tell("paired");
    assert.equal(world.rungOn(token).length, 2);
  });
});

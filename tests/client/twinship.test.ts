import assert from "node:assert/strict";
import { CLOSE, Refused } from "../../client/retry.ts";
import { settled } from "./support/fake-platform.ts";
import { no, ok } from "./support/fake-server.ts";
import { message, OTHER_PAIR, PAIR } from "./support/messages.ts";
import { stateOf, World } from "./support/world.ts";

const twinProfile = { name: "Bea" };

/** Signed in, without a twin, and told so. */
async function alone(): Promise<World> {
  const world = await World.open();
  await world.twinship.login("ada@example.org", "Correct-horse-1");
  world.rooms.refusals.push(new Refused("NOT_PAIRED", "You have no twin here yet"));
  world.twinship.connect();
  await settled();
  return world;
}

describe("a device and its pair", () => {
  it("[WR1] without a twin it waits, and enters the room the moment there is one", async () => {
    const world = await alone();
    assert.equal(world.rooms.last.name, "waiting");
    world.rooms.last.say("pair.opened", { pairId: PAIR, twinProfile });
    await settled();
    assert.deepEqual(
      world.rooms.sockets.map(({ name, isClosed }) => `${name} ${isClosed}`),
      ["waiting true", "pair false"],
    );
    assert.deepEqual(world.told, ["unpaired not paired", "paired 1001"]);
    assert.equal(world.room.pairId, PAIR);
  });

  it("[WR1] who redeems a code enters at once, and hears of it once", async () => {
    const world = await alone();
    const waiting = world.rooms.last;
    world.server.on("POST /api/v1/twins/pair", () => ok({ pairId: PAIR, twinProfile, message: "" }));
    assert.equal(await world.twinship.redeem("abcd efgh"), PAIR);
    waiting.say("pair.opened", { pairId: PAIR, twinProfile });
    await settled();
    assert.equal(world.rooms.last.name, "pair");
    assert.deepEqual(world.told, ["unpaired not paired", "paired 1001"]);
  });

  it("[WR1] half an hour of waiting is no end of it", async () => {
    const world = await alone();
    await world.platform.pass(30 * 60_000);
    world.rooms.last.close(CLOSE.moved);
    await world.platform.pass(0);
    assert.deepEqual(
      world.rooms.sockets.map(({ name }) => name),
      ["waiting", "waiting"],
    );
  });

  it("[WR2] the end of the pair is told, and the device waits for the next", async () => {
    const { world, socket } = await World.opened();
    socket.say("pair.closed", { reason: "unpaired" });
    socket.close(CLOSE.unpaired);
    await settled();
    assert.deepEqual(world.told, ["window ", "closed unpaired", "unpaired closed"]);
    assert.equal(world.rooms.last.name, "waiting");
  });

  it("[OB5] what was written for one twin is never said to another", async () => {
    const { world, socket } = await World.opened();
    socket.tell(message(1));
    await world.room.send("for Bea only");
    socket.close(CLOSE.unpaired);
    await settled();
    world.rooms.on("chat.send", ({ pairId }) => {
      assert.equal(pairId, PAIR);
      throw new Refused("GONE", "This was written for another twin");
    });
    world.rooms.last.say("pair.opened", { pairId: OTHER_PAIR, twinProfile });
    await settled();
    const next = world.rooms.last;
    assert.equal(next.options["afterVersion"], undefined, "a place in another pair is none in this one");
    next.show(stateOf({ pairId: OTHER_PAIR }));
    next.window([]);
    await settled();
    assert.deepEqual(world.told.slice(-3), [`paired 1002`, "window ", "refused chat.send GONE"]);
    assert.deepEqual(world.room.pending, []);
    assert.equal(world.room.readSeq, 0);
  });

  it("[RJ3] a device that slept through a new pair finds it, whatever it remembers", async () => {
    const { world, socket } = await World.opened();
    socket.tell(message(1));
    await world.twinship.close();

    const later = await World.open(world.storage);
    later.rooms.refusals.push(new Refused("NOT_FOUND", "There is no such pair"));
    later.twinship.connect();
    await later.platform.pass(0);
    assert.equal(later.rooms.last.options["pairId"], undefined);
    later.rooms.last.show(stateOf({ pairId: OTHER_PAIR }));
    later.rooms.last.window([message(1, { text: "another history" })]);
    assert.equal(later.room.pairId, OTHER_PAIR);
    assert.equal(later.room.messages.length, 1);
  });

  it("[OB1] without a twin there is nobody to say anything to", async () => {
    const world = await alone();
    await assert.rejects(world.room.send("hello"), { code: "NOT_PAIRED" });
  });

  it("[CS4] signing out forgets what was shown, and keeps what was never sent", async () => {
    const { world, socket } = await World.opened();
    socket.tell(message(1));
    await world.room.send("unsent");
    await world.platform.pass(1000);
    world.server.on("POST /api/v1/auth/logout", () => ok());
    await world.twinship.logout();
    assert.equal(socket.isClosed, true);
    assert.equal(world.twinship.room, undefined);

    const again = await World.open(world.storage);
    assert.equal(again.twinship.account, undefined);
    assert.throws(() => again.twinship.connect(), { code: "AUTH_REQUIRED" });
    const room = await again.twinship.login("ada@example.org", "Correct-horse-1");
    assert.deepEqual(room.messages, []);
    assert.equal(room.pending.length, 1);
  });

  it("[CS4] a session that was revoked stops everything, and says so once", async () => {
    const { world, socket } = await World.opened();
    world.server.on("POST /api/v1/auth/refresh", () => no(401, "AUTH_TOKEN_REVOKED"));
    socket.close(CLOSE.signedOut);
    await world.platform.pass(60_000);
    assert.deepEqual(world.told, ["window ", "signed out refused"]);
    assert.equal(world.rooms.sockets.length, 1);
    assert.equal(world.twinship.account, undefined);
  });
});

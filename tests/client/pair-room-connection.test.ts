import assert from "node:assert/strict";
import { CLOSE } from "../../client/retry.ts";
import { memoryStorage } from "../../client/storage/memory.ts";
import { settled } from "./support/fake-platform.ts";
import { ada, bea, idOf, message, PAIR } from "./support/messages.ts";
import { stateOf, World } from "./support/world.ts";

const sentAs = (seq: number, version = seq, duplicate = false) => ({
  id: idOf(seq),
  seq,
  version,
  sentAt: "2026-01-01T00:00:00.000Z",
  duplicate,
});

describe("the connection of a device to its pair's room", () => {
  it("[RJ2] a room that says nothing is left, and another one sought", async () => {
    const { world, socket } = await World.live();
    await world.platform.pass(10_000);
    assert.equal(socket.isClosed, true);
    await world.platform.pass(1000);
    assert.equal(world.rooms.sockets.length, 2);
  });

  it("[RJ4] [P10] joins again with what it knows, and says again how far it has come", async () => {
    const { world, socket } = await World.opened();
    socket.tell(message(1));
    socket.tell(message(2));
    world.room.read(1);
    world.room.presence("away");
    await settled();
    socket.close(1006);
    await world.platform.pass(1000);
    const next = await world.rooms.connected(2);
    const { deviceId } = world.twinship.session;
    assert.deepEqual(next.options, { deviceId, pairId: PAIR, afterVersion: 2, history: "line" });
    next.resume(2, 3);
    next.tell(message(3));
    for (let turn = 0; turn < 3; turn++) await settled();
    assert.deepEqual(next.all("chat.delivered"), [{ upTo: 2 }, { upTo: 3 }]);
    assert.deepEqual(next.all("chat.read"), [{ upTo: 1 }]);
    assert.deepEqual(next.signals, [{ name: "presence.set", payload: { status: "away" } }]);
    assert.deepEqual(world.told.slice(-1), ["message 3@3"]);
  });

  it("[CL6] [P10] an app that was killed draws what it knew, resumes, and sends what it had not", async () => {
    const storage = memoryStorage();
    const before = await World.opened(storage);
    before.socket.tell(message(1));
    await before.world.room.send("never answered");
    before.world.room.read();
    await before.world.platform.pass(600);

    const { world, socket } = await World.live(storage);
    assert.deepEqual(world.room.messages, [message(1)]);
    assert.equal(world.room.readSeq, 1);
    assert.deepEqual([socket.options["afterVersion"], socket.options["pairId"]], [1, PAIR]);
    world.rooms.on("chat.send", () => sentAs(2, 2, true));
    socket.resume(1, 2);
    socket.tell(message(2, { senderId: ada, text: "never answered" }));
    await settled();
    assert.equal(socket.all("chat.send")[0]?.["text"], "never answered");
    assert.deepEqual(world.told, ["message 2@2", "done chat.send"]);
    assert.deepEqual(world.room.pending, []);
  });

  it("[RJ5] a silent connection is noticed within 35 s, and a sleeping phone's on waking", async () => {
    const { world, socket } = await World.opened();
    await world.platform.pass(30_000);
    assert.equal(socket.isClosed, false);
    world.rooms.silence("clock.sync");
    await world.platform.pass(35_000);
    assert.equal(socket.isClosed, true);

    const next = world.rooms.last;
    next.resume(0, 0);
    await world.platform.pass(100);
    world.twinship.wake();
    await world.platform.pass(3000);
    assert.equal(next.isClosed, true);
  });

  it("[CS2] a renewed token reaches the live connection, which lives on", async () => {
    const { world, socket } = await World.opened();
    world.rooms.on("auth.refresh", () => ({ expiresAt: "2026-01-01T01:00:00.000Z" }));
    socket.say("session.expiring", { at: "2026-01-01T00:01:00.000Z" });
    await settled();
    assert.deepEqual(socket.all("auth.refresh"), [{ accessToken: "access-2" }]);
    await world.platform.pass(3_480_000);
    assert.deepEqual(socket.all("auth.refresh").slice(1), [{ accessToken: "access-3" }]);
    assert.equal(socket.isClosed, false);
  });

  it("[CT1] a message ends the typing that led to it; a new connection knows nothing of either", async () => {
    const { world, socket } = await World.opened();
    world.room.typing();
    await world.room.send("hello");
    world.room.typing();
    assert.deepEqual(
      socket.signals.map(({ payload }) => payload["on"]),
      [true, false, true],
    );
    socket.close(1006);
    world.room.typing();
    await world.platform.pass(1000);
    world.rooms.last.resume(0, 0);
    world.room.typing();
    assert.deepEqual(
      world.rooms.last.signals.map(({ payload }) => payload["on"]),
      [true],
    );
  });

  it("[CT2] shows receipts and members, and does not believe what says nothing", async () => {
    const { world, socket } = await World.opened();
    socket.say("chat.receipt", { userId: "x", deliveredSeq: 2, readSeq: 1 });
    socket.say("chat.receipt", { userId: "x", deliveredSeq: 1, readSeq: 0 });
    socket.say("chat.receipt", { nothing: true });
    const { [bea]: beas } = stateOf().members;
    const state = { lastSeq: 4, members: { x: { ...beas, userId: "x", deliveredSeq: 2, readSeq: 2 } } };
    socket.show(stateOf(state));
    socket.say("chat.receipt", { userId: "x", deliveredSeq: 2, readSeq: 2 });
    socket.show(stateOf({ lastSeq: 4 }));
    socket.show("nonsense");
    assert.deepEqual(world.told, ["window ", "receipt 2 1", "receipt 2 2"]);
    assert.equal(world.reported.length, 1);
    assert.deepEqual(
      world.room.members.map(({ name, status }) => `${name} ${status}`),
      ["Ada online", "Bea away"],
    );
  });

  it("[RJ1] a device that another place took over says so, and stays away", async () => {
    const { world, socket } = await World.opened();
    socket.close(CLOSE.replaced);
    await world.platform.pass(60_000);
    assert.deepEqual(world.told, ["window ", "stopped replaced"]);
    assert.equal(world.rooms.sockets.length, 1);
  });

  it("[CS4] stops in good order: nothing runs on, and what was known is kept", async () => {
    const { world, socket } = await World.opened();
    socket.tell(message(1));
    await world.twinship.close();
    assert.equal(socket.isClosed, true);
    await settled();
    assert.equal(world.platform.waiting, 0, "no timer is left");
    const again = await World.open(world.storage);
    assert.deepEqual(again.room.messages, [message(1)]);
  });
});

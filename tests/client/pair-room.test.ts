import assert from "node:assert/strict";
import { NoAnswer, Refused } from "../../client/retry.ts";
import { settled } from "./support/fake-platform.ts";
import { ada, idOf, message, messages, PAIR } from "./support/messages.ts";
import { stateOf, World } from "./support/world.ts";

const sentAs = (seq: number, version = seq, duplicate = false) => ({
  id: idOf(seq),
  seq,
  version,
  sentAt: "2026-01-01T00:00:00.000Z",
  duplicate,
});

describe("a device in its pair's room", () => {
  it("[CL1] [CL4] says, hears, and shows both in one order", async () => {
    const { world, socket } = await World.opened();
    world.rooms.on("chat.send", () => sentAs(1));
    const { answer, key } = await world.room.send("  hello ");
    assert.deepEqual(await answer, sentAs(1));
    socket.tell(message(2));
    await settled();
    assert.deepEqual(world.told, ["window ", "message 1@1", "done chat.send", "message 2@2"]);
    assert.deepEqual(socket.all("chat.send"), [{ type: "text", text: "hello", key, pairId: PAIR }]);
    const [own] = world.room.messages;
    assert.ok(own && !("hidden" in own));
    assert.deepEqual([own.senderId, own.senderName, own.text, own.accentColor], [ada, "Ada", "hello", "neon-blue"]);
  });

  it("[OB1] nothing is sent before the room has said where the device stands", async () => {
    const { world, socket } = await World.live();
    world.room.begin(PAIR);
    await world.room.send("early");
    await settled();
    assert.deepEqual(socket.all("chat.send"), []);
    socket.window([]);
    await settled();
    assert.equal(socket.all("chat.send").length, 1);
  });

  it("[OB3] [P2] an answer that never comes costs ten seconds, a new connection, and nothing else", async () => {
    const { world, socket } = await World.opened();
    const { key, answer } = await world.room.send("hello");
    await world.platform.pass(9999);
    assert.equal(socket.isClosed, false);
    await world.platform.pass(2000);
    assert.equal(socket.isClosed, true);

    const next = await world.rooms.connected(2);
    assert.deepEqual(next.options["afterVersion"], 0);
    world.rooms.on("chat.send", () => sentAs(1, 1, true));
    next.resume(0, 1);
    next.tell(message(1, { senderId: ada, key }));
    await settled();
    assert.deepEqual(next.all("chat.send")[0]?.["key"], key);
    assert.deepEqual(await answer, sentAs(1, 1, true));
    assert.deepEqual(world.told, ["window ", "message 1@1", "done chat.send"]);
    assert.deepEqual(next.all("chat.sync"), [], "what the resume told needs no look");
  });

  for (const nothing of [undefined, {}, { id: "x" }, { ...sentAs(1), seq: undefined }]) {
    it(`[OB7] an answer of ${JSON.stringify(nothing)} is no acknowledgement`, async () => {
      const { world, socket } = await World.opened();
      let tries = 0;
      world.rooms.on("chat.send", () => (++tries === 1 ? nothing : sentAs(1)));
      const { answer } = await world.room.send("hello");
      await settled();
      assert.deepEqual(world.told, ["window "]);
      assert.equal(world.room.pending.length, 1);
      await world.platform.pass(2000);
      assert.deepEqual(await answer, sentAs(1));
      const keys = socket.all("chat.send").map(({ key }) => key);
      assert.equal(keys.length, 2);
      assert.equal(keys[0], keys[1]);
    });
  }

  it("[OB4] a command that is refused is said to be, and what comes after it goes on", async () => {
    const { world } = await World.opened();
    world.rooms.on("chat.send", ({ text }) => {
      if (text === "first") throw new Refused("VALIDATION_ERROR", "");
      return sentAs(1);
    });
    const first = await world.room.send("first");
    await world.room.send("second");
    await assert.rejects(first.answer, { code: "VALIDATION_ERROR" });
    await settled();
    assert.deepEqual(world.told, ["window ", "refused chat.send VALIDATION_ERROR", "message 1@1", "done chat.send"]);
  });

  it("[OB3] that the token has ended says nothing about a command: it is sent again with a new one", async () => {
    const { world, socket } = await World.opened();
    world.rooms.on("chat.send", () => {
      if (world.rooms.last === socket) throw new Refused("AUTH_TOKEN_EXPIRED", "");
      return sentAs(1);
    });
    const { answer } = await world.room.send("hello");
    await world.platform.pass(1000);
    const next = await world.rooms.connected(2);
    assert.equal(next.token, "access-2");
    next.resume(0, 0);
    assert.deepEqual(await answer, sentAs(1));
  });

  it("[CL4] an edit, a reaction, a pin and a deletion are shown as the server has them", async () => {
    const { world, socket } = await World.opened();
    socket.tell(message(1));
    let version = 1;
    for (const name of ["chat.edit", "chat.react", "chat.pin", "chat.delete"])
      world.rooms.on(name, () => ({ version: ++version }));
    world.rooms.on("chat.sync", () => ({
      messages: [message(1, { version, text: `state ${version}` })],
      version,
      history: "line",
      hasMore: false,
    }));
    const { room } = world;
    for (const doing of [
      room.edit(idOf(1), " better "),
      room.react(idOf(1), "❤️"),
      room.pin(idOf(1), false),
      room.delete(idOf(1), "me"),
    ])
      await (await doing).answer;
    assert.deepEqual(
      world.told.filter((word) => word.startsWith("changed")),
      ["changed 1@2", "changed 1@3", "changed 1@4", "changed 1@5"],
    );
    assert.deepEqual(
      socket.asked
        .filter(({ name }) => /edit|react|pin|delete$/.test(name))
        .map(({ payload: { key: _, ...rest } }) => rest),
      [
        { messageId: idOf(1), text: "better", pairId: PAIR },
        { messageId: idOf(1), emoji: "❤️", on: true, pairId: PAIR },
        { messageId: idOf(1), on: false, pairId: PAIR },
        { messageId: idOf(1), for: "me", pairId: PAIR },
      ],
    );
    assert.equal(room.version, 5);
  });

  it("[CL4] [P2] a repeat that was done long ago is shown as it stands now, not as it was asked for", async () => {
    const { world, socket } = await World.live();
    socket.show(stateOf());
    socket.window(messages(50, 52), { version: 90, hasMore: true });
    world.rooms.on("chat.send", () => sentAs(2, 2, true));
    const changed = message(2, { version: 80, text: "mended since", senderId: ada });
    world.rooms.on("chat.sync", ({ afterVersion, limit }) => {
      assert.deepEqual([afterVersion, limit], [1, 1]);
      return { messages: [changed], version: 2, history: "line", hasMore: true };
    });
    const { answer } = await world.room.send("as it was");
    assert.deepEqual(await answer, sentAs(2, 2, true));
    assert.deepEqual(world.told, ["window 50,51,52", "changed 2@80", "done chat.send"]);
  });

  it("[OB5] a change that is done but may not be looked at is done all the same", async () => {
    const { world, socket } = await World.opened();
    world.rooms.on("chat.react", () => ({ version: 9 }));
    world.rooms.on("chat.sync", () => {
      throw new Refused("FORBIDDEN", "");
    });
    const { answer } = await world.room.react(idOf(1), "❤️");
    assert.deepEqual(await answer, { version: 9 });
    assert.equal(socket.isClosed, true);
    await settled();
    assert.equal(world.rooms.last.options["afterVersion"], undefined);
  });

  it("[OB3] what was asked on a connection that is given up waits for no answer there", async () => {
    const { world, socket } = await World.opened();
    await world.room.send("hello");
    world.rooms.silence("clock.sync");
    world.twinship.wake();
    await world.platform.pass(4000);
    assert.equal(socket.isClosed, true);
    const next = await world.rooms.connected(2);
    next.resume(0, 0);
    await settled();
    assert.equal(next.all("chat.send").length, 1);
  });

  it("[CL3] a resume that says reset loads the window anew", async () => {
    const { world, socket } = await World.opened();
    socket.tell(message(1));
    socket.close(1006);
    await world.platform.pass(1000);
    const second = await world.rooms.connected(2);
    second.resume(1, 7, { reset: true, history: "new" });
    await world.platform.pass(1000);
    const third = await world.rooms.connected(3);
    assert.equal(third.options["afterVersion"], undefined);
    third.window(messages(1, 3), { history: "new" });
    assert.deepEqual(world.told.slice(-1), ["window 1,2,3"]);
  });

  it("[CL3] erased history is loaded anew", async () => {
    const { world, socket } = await World.opened();
    socket.say("history.erased", { userId: ada, upToSeq: 3 });
    await world.platform.pass(1000);
    assert.equal((await world.rooms.connected(2)).options["afterVersion"], undefined);
  });

  it("[CL5] loads older pages, and searches", async () => {
    const { world, socket } = await World.live();
    socket.show(stateOf());
    socket.window(messages(6, 8), { hasMore: true });
    world.rooms.on("chat.history", ({ beforeSeq, limit }) => {
      assert.deepEqual([beforeSeq, limit], [6, 3]);
      return { messages: messages(3, 5), hasMore: true };
    });
    world.rooms.on("chat.search", ({ q }) => ({ hits: [{ message: message(3), highlight: q }], nextCursor: null }));
    assert.deepEqual(await world.room.loadOlder(3), messages(3, 5));
    assert.deepEqual(
      world.room.messages.map(({ seq }) => seq),
      [3, 4, 5, 6, 7, 8],
    );
    assert.equal((await world.room.search("words")).hits.length, 1);
  });

  it("[CL5] answers an assessment, and takes no empty answer for a good one", async () => {
    const { world, socket } = await World.live();
    socket.show(stateOf());
    socket.window(messages(6, 8));
    const responses = [{ itemId: "IF001", value: 4 }] as const;
    world.rooms.on("assessment.answer", ({ sessionId, responses: said }) => {
      assert.deepEqual([sessionId, said], ["s", responses]);
      return { answered: 1, total: 150 };
    });
    assert.deepEqual(await world.room.answerAssessment("s", responses), { answered: 1, total: 150 });
    world.rooms.on("assessment.answer", () => ({}));
    await assert.rejects(world.room.answerAssessment("s", responses), NoAnswer);
  });
});

import assert from "node:assert/strict";
import { ServerClock } from "../../client/clock.ts";
import { Emitter } from "../../client/emitter.ts";
import { Marks } from "../../client/marks.ts";
import { Watermarks } from "../../client/members.ts";
import { asStored, ownMessage } from "../../client/own-message.ts";
import { CLOSE as OURS, Refused } from "../../client/retry.ts";
import { Typing } from "../../client/typing.ts";
import { isChatMessage, isChatWindow, isSent } from "../../client/wire.ts";
import { MessageView } from "../../schema/wire/chat.ts";
import { CLOSE } from "../../schema/wire/errors.ts";
import { FakePlatform, settled } from "./support/fake-platform.ts";
import { ada, bea, idOf, message } from "./support/messages.ts";

describe("typing", () => {
  it("[CT1] is said at the first key, every 2.5 s while it goes on, and ended at once", async () => {
    const platform = new FakePlatform();
    const told: string[] = [];
    const typing = new Typing(platform, ({ on, kind }) => told.push(`${on ? "on" : "off"} ${kind}`));
    for (let key = 0; key < 60; key++) {
      typing.on();
      await platform.pass(100);
    }
    assert.deepEqual(told, ["on text", "on text", "on text"]);
    typing.off();
    typing.off();
    typing.on("voice");
    assert.deepEqual(told.slice(3), ["off text", "on voice"]);
  });
});

describe("receipts", () => {
  function marksWith(tell: (name: string, upTo: number) => Promise<unknown>) {
    const told: string[] = [];
    const marks = new Marks();
    const connect = () =>
      marks.connected((name, upTo) => {
        told.push(`${name} ${upTo}`);
        return tell(name, upTo);
      });
    return { marks, told, connect };
  }

  it("[CT2] a hundred messages at once cost two reports, and the last one is told", async () => {
    const { marks, told, connect } = marksWith(() => settled());
    connect();
    for (let seq = 1; seq <= 100; seq++) marks.delivered(seq);
    for (let turn = 0; turn < 4; turn++) await settled();
    assert.deepEqual(told, ["chat.delivered 1", "chat.delivered 100"]);
  });

  it("[CT2] [P11] marks are told again after each join, and never go back", async () => {
    const { marks, told, connect } = marksWith(async () => undefined);
    marks.delivered(5);
    marks.read(3);
    marks.read(2);
    connect();
    await settled();
    marks.disconnected();
    marks.read(4);
    connect();
    await settled();
    assert.deepEqual(told, ["chat.delivered 5", "chat.read 3", "chat.delivered 5", "chat.read 4"]);
  });

  it("[CT2] a report refused for now is no hurry, and stops nothing", async () => {
    let isRefused = true;
    const { marks, told, connect } = marksWith(async () => {
      if (isRefused) throw new Refused("RATE_LIMIT_EXCEEDED", "");
    });
    connect();
    marks.delivered(1);
    await settled();
    isRefused = false;
    marks.delivered(2);
    await settled();
    assert.deepEqual(told, ["chat.delivered 1", "chat.delivered 2"]);
  });

  it("[CT2] ticks follow the marks, though the message is not told again", () => {
    const watermarks = new Watermarks();
    const mine = message(4, { senderId: ada });
    assert.equal(watermarks.tickOf(mine), "sent");
    watermarks.learn({ userId: ada, deliveredSeq: 9, readSeq: 9 });
    assert.equal(watermarks.tickOf(mine), "sent", "one's own reading is no tick");
    assert.equal(watermarks.learn({ userId: bea, deliveredSeq: 4, readSeq: 3 }), true);
    assert.equal(watermarks.tickOf(mine), "delivered");
    assert.equal(watermarks.learn({ userId: bea, deliveredSeq: 2, readSeq: 1 }), false);
    watermarks.learn({ userId: bea, deliveredSeq: 4, readSeq: 4 });
    assert.equal(watermarks.tickOf(mine), "read");
    assert.equal(watermarks.tickOf(message(9, { senderId: ada, isRead: true })), "read");
  });
});

describe("the server's clock, as a device knows it", () => {
  it("[CT3] takes the quickest of the last eight samples", () => {
    const platform = new FakePlatform();
    const clock = new ServerClock(platform);
    assert.equal(clock.now(), platform.now());
    // The server is 5 s ahead; the way there took 10 ms, the way back 30.
    clock.learn({ t0: 1000, t1: 6010, t2: 6010 }, 1040);
    assert.deepEqual(clock.best, { offsetMs: 4990, uncertaintyMs: 20 });
    clock.learn({ t0: 2000, t1: 7200, t2: 7200 }, 2900);
    assert.deepEqual(clock.best, { offsetMs: 4990, uncertaintyMs: 20 });
    assert.equal(clock.now(), platform.now() + 4990);
    for (let n = 0; n < 7; n++) clock.learn({ t0: 0, t1: 5100, t2: 5100 }, 200);
    assert.equal(clock.best?.uncertaintyMs, 100, "the first was nine samples ago");
    clock.learn({ t0: 5000, t1: 1, t2: 2 }, 10);
    assert.equal(clock.best?.uncertaintyMs, 100, "a clock that was set back says nothing");
  });
});

describe("what a device says of its own", () => {
  it("[CL4] its message looks as the server's own view of it", () => {
    const said = asStored({ text: "  hello\u00a0 ", replyTo: idOf(1), mediaId: undefined });
    assert.deepEqual(said, { type: "text", text: "hello", replyTo: idOf(1) });
    const answer = { id: idOf(2), seq: 2, version: 5, sentAt: "2026-01-01T00:00:00.000Z", duplicate: false };
    const own = ownMessage(said, "key", answer, { userId: ada, name: "Ada", accentColor: "neon-red" });
    assert.deepEqual(MessageView.parse(own), own);
    assert.deepEqual(
      [own.text, own.senderId, own.replyTo, own.isDelivered, own.reactions],
      ["hello", ada, idOf(1), false, []],
    );
    assert.deepEqual(asStored({ type: "location", location: { lat: 1, lon: 2, label: " home " } }), {
      type: "location",
      location: { lat: 1, lon: 2, label: "home" },
    });
  });

  it("[CN2] an answer without what it must have is none", () => {
    const answer = { id: idOf(2), seq: 2, version: 5, sentAt: "2026-01-01T00:00:00.000Z", duplicate: false };
    assert.equal(isSent(answer), true);
    for (const field of Object.keys(answer)) assert.equal(isSent({ ...answer, [field]: undefined }), false, field);
    for (const wrong of [undefined, null, [], "fine", 1, {}]) assert.equal(isSent(wrong), false);
    assert.equal(isChatMessage({ version: 1, message: message(1) }), true);
    assert.equal(isChatMessage({ version: 1, message: { id: "x", seq: 1 } }), false);
    assert.equal(isChatWindow({ messages: [message(1), null] }), false);
  });

  it("[RJ1] the close codes are the contract's", () => {
    assert.deepEqual(OURS, CLOSE);
  });

  it("[CL1] a listener that throws keeps nobody else from hearing", () => {
    const reported: unknown[] = [];
    const heard: number[] = [];
    const events = new Emitter<{ readonly n: number }>((error) => reported.push(String(error)));
    events.on("n", () => {
      throw new Error("mine");
    });
    const stop = events.on("n", (n) => heard.push(n));
    events.emit("n", 1);
    stop();
    events.emit("n", 2);
    assert.deepEqual([heard, reported], [[1], ["Error: mine", "Error: mine"]]);
  });
});

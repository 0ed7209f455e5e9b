import assert from "node:assert/strict";
import { NoAnswer } from "../../client/retry.ts";
import { Timeline } from "../../client/timeline.ts";
import type { AnyMessageView, MessageView, SyncPage } from "../../schema/wire/chat.ts";
import { FakePlatform, settled } from "./support/fake-platform.ts";
import { ada, idOf, message, messages } from "./support/messages.ts";

function deskWith(shown: readonly MessageView[], sync: (after: number, limit: number) => Promise<SyncPage>) {
  const platform = new FakePlatform();
  const told: string[] = [];
  const asked: number[] = [];
  let reloads = 0;
  const word = (one: AnyMessageView) => `${one.seq}@${one.version}`;
  const timeline = new Timeline({
    platform,
    sync: (after, limit) => {
      asked.push(after);
      return sync(after, limit);
    },
    reload: () => {
      reloads += 1;
    },
    tell: {
      window: () => undefined,
      message: (one) => told.push(`message ${word(one)}`),
      changed: (one) => told.push(`changed ${word(one)}`),
      trimmed: () => undefined,
    },
  });
  timeline.connected();
  const version = shown.length;
  timeline.hearWindow({ messages: shown, version, history: "line", firstSeq: 1, readSeq: 0, hasMore: false });
  return { platform, timeline, told, asked, reloads: () => reloads };
}

const mine = (seq: number, version = seq) => message(seq, { version, senderId: ada, senderName: "Ada" });
const heard = (one: AnyMessageView) => ({ version: one.version, message: one });
const pageOf = (found: readonly AnyMessageView[], version: number): SyncPage => ({
  messages: found,
  version,
  history: "line",
  hasMore: false,
});
const nothing = async () => pageOf([], 0);

describe("the timeline and what this device did itself", () => {
  for (const [first, tell] of [
    ["the answer", [(t: Timeline) => t.hearSent(mine(3)), (t: Timeline) => t.hear(heard(mine(3)))]],
    ["an event", [(t: Timeline) => t.hear(heard(mine(3))), (t: Timeline) => t.hearSent(mine(3))]],
  ] as const) {
    it(`[P3] [CL4] its own message is shown once, in its place, when ${first} tells it first`, () => {
      const { timeline, told } = deskWith(messages(1, 2), nothing);
      timeline.expect("k");
      for (const one of tell) one(timeline);
      timeline.settle("k");
      timeline.hear(heard(message(4)));
      assert.deepEqual(told, ["message 3@3", "message 4@4"]);
    });
  }

  it("[CL4] an answer just behind the event it belongs before needs no sync", async () => {
    const { timeline, told, asked, platform } = deskWith(messages(1, 2), nothing);
    timeline.expect("k");
    timeline.hear(heard(message(4)));
    assert.deepEqual(told, []);
    await platform.pass(100);
    timeline.hearSent(mine(3));
    timeline.settle("k");
    await platform.pass(10_000);
    assert.deepEqual(told, ["message 3@3", "message 4@4"]);
    assert.deepEqual(asked, []);
  });

  it("[CL4] an answer that does not come is not waited for: the sync tells what it would have", async () => {
    const sync = async () => pageOf([mine(3), message(4)], 4);
    const { timeline, told, platform, asked } = deskWith(messages(1, 2), sync);
    timeline.expect("k");
    timeline.hear(heard(message(4)));
    await platform.pass(1000);
    assert.deepEqual(asked, [2]);
    timeline.hearSent(mine(3));
    timeline.settle("k");
    assert.deepEqual(told, ["message 3@3", "message 4@4"]);
  });

  it("[CL4] an answer that comes while it catches up takes its turn", async () => {
    const { promise, resolve } = Promise.withResolvers<SyncPage>();
    const { timeline, told, platform } = deskWith(messages(1, 2), () => promise);
    timeline.hear(heard(message(4)));
    await platform.pass(0);
    timeline.hearSent(mine(5));
    assert.deepEqual(told, []);
    resolve(pageOf([message(3), message(4)], 4));
    await settled();
    assert.deepEqual(told, ["message 3@3", "message 4@4", "message 5@5"]);
  });

  it("[CL4] an answer that fits while it catches up lets nothing go that must wait", async () => {
    const { promise, resolve } = Promise.withResolvers<SyncPage>();
    const { timeline, told, platform } = deskWith(messages(1, 2), () => promise);
    timeline.hear(heard(message(5)));
    await platform.pass(0);
    timeline.hear(heard(message(1, { version: 7 })));
    timeline.hearSent(mine(3));
    assert.deepEqual(told, ["message 3@3"]);
    resolve(pageOf([mine(3), message(4), message(5)], 5));
    await settled();
    assert.deepEqual(told, ["message 3@3", "message 4@4", "message 5@5", "changed 1@7"]);
  });

  it("[P10] [CL4] a command under way keeps the position back: what it made may be all that is missing", async () => {
    const { timeline } = deskWith(messages(1, 2), nothing);
    timeline.expect("k");
    // The twin's reaction comes later than our message, and is heard of; ours is not.
    timeline.hear(heard(message(1, { version: 4 })));
    assert.equal(timeline.position?.afterVersion, 2);
    timeline.connected();
    timeline.hearResume({ from: 2, to: 4, hasMore: false, history: "line", readSeq: 0 });
    timeline.hear({ version: 3, message: mine(3) });
    timeline.settle("k");
    assert.equal(timeline.position?.afterVersion, 4);
  });

  it("[CL4] once the window is shown anew, a command under way keeps nothing back but what came after it", () => {
    const { timeline } = deskWith(messages(1, 2), nothing);
    timeline.expect("k");
    timeline.hearWindow({
      messages: messages(1, 9),
      version: 9,
      history: "new",
      firstSeq: 1,
      readSeq: 0,
      hasMore: false,
    });
    assert.equal(timeline.position?.afterVersion, 9);
    timeline.hear(heard(message(10)));
    assert.equal(timeline.position?.afterVersion, 9);
  });

  it("[CL4] its own answers move the position only where nothing lies between", () => {
    const { timeline } = deskWith(messages(1, 2), nothing);
    timeline.hearSent(mine(3, 3));
    assert.equal(timeline.position?.afterVersion, 3);
    // Version 4 was never heard of: perhaps it is on its way.
    timeline.hearSent(mine(4, 5));
    assert.equal(timeline.position?.afterVersion, 3);
    timeline.hear(heard(message(1, { version: 4 })));
    assert.equal(timeline.position?.afterVersion, 5);
  });

  it("[CL4] its own edit is shown as the server has it, once, whoever tells it first", async () => {
    const edited = message(1, { version: 3, text: "better", editedAt: "2026-01-02T00:00:00.000Z" });
    const { timeline, told, asked } = deskWith(messages(1, 2), async () => pageOf([edited], 3));
    await timeline.hearDone(idOf(1), 3);
    timeline.hear(heard(edited));
    assert.deepEqual(told, ["changed 1@3"]);
    assert.deepEqual(timeline.find(idOf(1)), edited);

    await timeline.hearDone(idOf(1), 3);
    assert.deepEqual(asked, [2], "what is known is not asked for");
  });

  it("[CL4] an edit of a message from long before the window is told, and opens no gap", async () => {
    const edited = message(2, { version: 103, text: "better" });
    const { timeline, told } = deskWith([], async () => pageOf([edited], 103));
    const window = {
      messages: messages(50, 60),
      version: 102,
      history: "line",
      firstSeq: 1,
      readSeq: 0,
      hasMore: true,
    };
    timeline.hearWindow(window);
    await timeline.hearDone(idOf(2), 103);
    assert.deepEqual(told, ["changed 2@103"]);
    assert.equal(timeline.messages[0]?.seq, 50);
  });

  it("[CL4] if the connection ends before its own change was seen, it is asked again", async () => {
    const { promise, resolve } = Promise.withResolvers<SyncPage>();
    const { timeline, told } = deskWith(messages(1, 2), () => promise);
    const seen = timeline.hearDone(idOf(1), 3);
    timeline.connected();
    resolve(pageOf([message(1, { version: 3 })], 3));
    await assert.rejects(seen, NoAnswer);
    assert.deepEqual(told, []);
  });
});

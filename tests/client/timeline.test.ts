import assert from "node:assert/strict";
import { NoAnswer, Refused } from "../../client/retry.ts";
import { Timeline } from "../../client/timeline.ts";
import type { AnyMessageView, SyncPage } from "../../schema/wire/chat.ts";
import { FakePlatform, settled } from "./support/fake-platform.ts";
import { hidden, message, messages } from "./support/messages.ts";

type Sync = (afterVersion: number, limit: number, history: string) => Promise<SyncPage>;

/** A timeline, and all it told, as short words. */
class Desk {
  readonly platform = new FakePlatform();
  readonly told: string[] = [];
  readonly asked: { after: number; limit: number }[] = [];
  reloads = 0;
  sync: Sync = async () => page([], 0);
  readonly timeline = new Timeline({
    platform: this.platform,
    sync: (after, limit, history) => {
      this.asked.push({ after, limit });
      return this.sync(after, limit, history);
    },
    reload: () => {
      this.reloads += 1;
    },
    tell: {
      window: (window) => this.told.push(`window ${window.messages.map(({ seq }) => seq).join()}`),
      message: (one) => this.told.push(`message ${word(one)}`),
      changed: (one) => this.told.push(`changed ${word(one)}`),
      trimmed: ({ firstSeq }) => this.told.push(`trimmed ${firstSeq}`),
    },
  });

  constructor(shown: readonly AnyMessageView[] = [], version = shown.length) {
    this.timeline.connected();
    this.timeline.hearWindow({ messages: shown, version, history: "line", firstSeq: 1, readSeq: 0, hasMore: false });
    this.told.length = 0;
  }

  hear(...events: readonly AnyMessageView[]): void {
    for (const one of events) this.timeline.hear({ version: one.version, message: one });
  }
}

const word = (one: AnyMessageView) => `${one.seq}@${one.version}${"hidden" in one ? " hidden" : ""}`;
const page = (found: readonly AnyMessageView[], version: number, more: Partial<SyncPage> = {}): SyncPage => ({
  messages: found,
  version,
  history: "line",
  hasMore: false,
  ...more,
});

describe("the timeline of a device", () => {
  it("[P3] [CL1] hands over new messages in seq order, each once, however often it is told", () => {
    const desk = new Desk(messages(1, 2));
    desk.hear(message(3), message(3), message(4), message(2), message(4));
    assert.deepEqual(desk.told, ["message 3@3", "message 4@4"]);
    assert.equal(desk.timeline.position?.afterVersion, 4);
  });

  it("[CL1] tells each change of a message once, and none that is older than what it shows", () => {
    const desk = new Desk(messages(1, 2));
    desk.hear(message(1, { version: 5, text: "edited" }), message(1, { version: 5, text: "edited" }));
    desk.hear(message(1, { version: 4, text: "stale" }));
    assert.deepEqual(desk.told, ["changed 1@5"]);
    assert.deepEqual(desk.timeline.messages[0], message(1, { version: 5, text: "edited" }));
  });

  it("[CL1] versions that jump are no loss", () => {
    const desk = new Desk(messages(1, 2));
    desk.hear(message(3, { version: 40 }));
    assert.deepEqual(desk.told, ["message 3@40"]);
    assert.deepEqual(desk.asked, []);
  });

  it("[CL2] a jump of seq is filled by a sync, and what came meanwhile is told after it, in order", async () => {
    const desk = new Desk(messages(1, 2));
    const { promise, resolve } = Promise.withResolvers<SyncPage>();
    desk.sync = () => promise;
    desk.hear(message(5));
    await desk.platform.pass(0);
    desk.hear(message(6), message(1, { version: 7 }));
    assert.deepEqual(desk.told, []);
    assert.deepEqual(desk.asked, [{ after: 2, limit: 200 }]);
    assert.equal(desk.timeline.position?.afterVersion, 2);

    resolve(page([message(3), message(4), message(5)], 5));
    await settled();
    assert.deepEqual(desk.told, ["message 3@3", "message 4@4", "message 5@5", "message 6@6", "changed 1@7"]);
    assert.equal(desk.timeline.position?.afterVersion, 7);
    assert.equal(desk.reloads, 0);
  });

  it("[CL2] a resume that could not tell all is read on, page by page, before anything newer", async () => {
    const desk = new Desk(messages(1, 2));
    desk.timeline.connected();
    desk.sync = async (after) =>
      after === 4 ? page([message(5)], 5, { hasMore: true }) : page([message(6), message(2, { version: 8 })], 8);
    desk.timeline.hearResume({ from: 2, to: 4, hasMore: true, history: "line", readSeq: 0 });
    desk.hear(message(3), message(4), message(7, { version: 9 }));
    await settled();
    const inOrder = ["message 3@3", "message 4@4", "message 5@5", "message 6@6", "changed 2@8", "message 7@9"];
    assert.deepEqual(desk.told, inOrder);
    assert.deepEqual(
      desk.asked.map(({ after }) => after),
      [4, 5],
    );
  });

  it("[P10] [CL2] a resume moves the position only as far as it was told", () => {
    const desk = new Desk(messages(1, 2));
    desk.timeline.connected();
    desk.timeline.hearResume({ from: 2, to: 9, hasMore: false, history: "line", readSeq: 0 });
    // In its final state at 9, but it stands where it first changed: what changed at 4 may still be on its way.
    desk.timeline.hear({ version: 3, message: message(3, { version: 9 }) });
    assert.equal(desk.timeline.position?.afterVersion, 3);
    desk.timeline.hear({ version: 4, message: message(1, { version: 4 }) });
    assert.deepEqual(desk.told, ["message 3@9", "changed 1@4"]);
    assert.equal(desk.timeline.position?.afterVersion, 4);
  });

  for (const [what, resume] of [
    ["reset: true", { from: 2, to: 9, hasMore: false, history: "line", readSeq: 0, reset: true as const }],
    ["another line of history", { from: 2, to: 9, hasMore: false, history: "other", readSeq: 0 }],
  ] as const) {
    it(`[P10] [CL3] ${what} throws everything away and begins anew with the window`, () => {
      const desk = new Desk(messages(1, 2));
      assert.equal(desk.timeline.hearResume(resume), false);
      assert.equal(desk.reloads, 1);
      assert.equal(desk.timeline.position, undefined);
      const window = { messages: messages(4, 5), version: 9, history: "other", firstSeq: 1, readSeq: 0, hasMore: true };
      desk.timeline.hearWindow(window);
      assert.deepEqual(desk.told, ["window 4,5"]);
      assert.deepEqual(desk.timeline.position, { afterVersion: 9, history: "other" });
    });
  }

  for (const [what, answer] of [
    ["is of another history", page([], 2, { history: "other" })],
    ["says reset", page([], 2, { reset: true })],
    ["has a hole", page([message(4)], 5)],
    ["does not bring what was missing", page([], 2)],
    ["ends where it began and says that there is more", page([], 2, { hasMore: true })],
  ] as const) {
    it(`[CL3] a sync that ${what} is no reason to go on: everything is loaded anew`, async () => {
      const desk = new Desk(messages(1, 2));
      desk.sync = async () => answer;
      desk.hear(message(5));
      await desk.platform.pass(0);
      assert.equal(desk.reloads, 1);
      assert.equal(desk.timeline.position, undefined);
    });
  }

  it("[CL2] a sync refused for now is asked again, one refused for ever loads anew", async () => {
    const desk = new Desk(messages(1, 2));
    let tries = 0;
    desk.sync = async () => {
      tries += 1;
      if (tries === 1) throw new Refused("UNAVAILABLE", "", { retryAfterMs: 100 });
      if (tries === 2) throw new NoAnswer("too late");
      return page([message(3), message(4)], 4);
    };
    desk.hear(message(4));
    await desk.platform.pass(5000);
    assert.deepEqual(desk.told, ["message 3@3", "message 4@4"]);

    desk.sync = async () => Promise.reject(new Refused("FORBIDDEN", ""));
    desk.hear(message(9));
    await desk.platform.pass(0);
    assert.equal(desk.reloads, 1);
  });

  it("[CL2] an answer to a sync of the connection before is not believed", async () => {
    const desk = new Desk(messages(1, 2));
    const { promise, resolve } = Promise.withResolvers<SyncPage>();
    desk.sync = () => promise;
    desk.hear(message(4));
    await desk.platform.pass(0);
    desk.timeline.connected();
    resolve(page([message(3), message(4)], 4));
    await settled();
    assert.deepEqual(desk.told, []);
    assert.equal(desk.reloads, 0);
    assert.equal(desk.timeline.isWhole, true);
  });

  it("[CL5] a message hidden for this person keeps its place and is told like any other", () => {
    const desk = new Desk(messages(1, 2));
    desk.hear(hidden(3), hidden(1, 4));
    assert.deepEqual(desk.told, ["message 3@3 hidden", "changed 1@4 hidden"]);
  });

  it("[CL5] trimmed history goes from what is shown, and seq goes on", () => {
    const desk = new Desk(messages(1, 4));
    desk.timeline.hearTrimmed(3);
    desk.timeline.hearTrimmed(3);
    desk.hear(message(5));
    assert.deepEqual(desk.told, ["trimmed 3", "message 5@5"]);
    assert.deepEqual(
      desk.timeline.messages.map(({ seq }) => seq),
      [3, 4, 5],
    );
  });

  it("[CL5] an older page joins what is loaded, and never takes a newer state back", () => {
    const desk = new Desk();
    const window = { messages: messages(5, 6), version: 9, history: "line", firstSeq: 1, readSeq: 0, hasMore: true };
    desk.timeline.hearWindow(window);
    desk.hear(message(4, { version: 12, text: "edited" }));
    const added = desk.timeline.addPage({ messages: messages(3, 4), hasMore: true });
    assert.deepEqual(added, [message(3), message(4, { version: 12, text: "edited" })]);
    assert.deepEqual(
      desk.timeline.messages.map(({ seq }) => seq),
      [3, 4, 5, 6],
    );
    assert.equal(desk.timeline.hasMore, true);
    // A page from far back is no part of the run: there is a gap between.
    desk.timeline.addPage({ messages: messages(1, 1), hasMore: false });
    assert.equal(desk.timeline.messages[0]?.seq, 3);
  });

  it("[CL6] what is kept draws at once and resumes from there", () => {
    const desk = new Desk(messages(1, 60));
    const { snapshot } = desk.timeline;
    assert.ok(snapshot);
    assert.equal(snapshot.messages.length, 50);
    const other = new Desk();
    other.timeline.restore(JSON.parse(JSON.stringify(snapshot)));
    assert.deepEqual(other.timeline.position, { afterVersion: 60, history: "line" });
    assert.equal(other.timeline.hasMore, true);
    other.hear(message(61), message(60));
    assert.equal(other.told[other.told.length - 1], "message 61@61");
  });
});

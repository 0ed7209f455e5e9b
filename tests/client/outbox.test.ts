import assert from "node:assert/strict";
import { isQueued, Outbox, type Queued } from "../../client/outbox.ts";
import { NoAnswer, Refused } from "../../client/retry.ts";
import { StoredList } from "../../client/storage/list.ts";
import { memoryStorage } from "../../client/storage/memory.ts";
import type { Storage } from "../../client/storage/port.ts";
import { FakePlatform, settled } from "./support/fake-platform.ts";
import { PAIR } from "./support/messages.ts";

class Desk {
  readonly platform = new FakePlatform();
  readonly told: string[] = [];
  readonly sent: string[] = [];
  answers: (key: string, tries: number) => Promise<string> = async (key) => key;
  readonly outbox: Outbox<string>;

  private constructor(list: StoredList<Queued>) {
    this.outbox = new Outbox<string>({
      changed: () => undefined,
      platform: this.platform,
      list,
      done: ({ key }, answer) => this.told.push(`${key} done ${answer}`),
      refused: ({ key }, { code }) => this.told.push(`${key} ${code}`),
      report: (error) => this.told.push(String(error)),
    });
  }

  static async open(storage: Storage = memoryStorage()): Promise<Desk> {
    return new Desk(await StoredList.open(storage, "outbox", isQueued));
  }

  online(): void {
    this.outbox.start(({ key }) => {
      this.sent.push(key);
      return this.answers(key, this.sent.filter((one) => one === key).length);
    });
  }
}

const say = (key: string): Queued => ({ key, pairId: PAIR, at: 0, name: "chat.send", payload: { text: key } });

async function queued(...keys: readonly string[]): Promise<Desk> {
  const desk = await Desk.open();
  for (const key of keys) await desk.outbox.add(say(key));
  return desk;
}

describe("the outbox of a device", () => {
  it("[OB1] stores a command before it is sent", async () => {
    const inner = memoryStorage();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow: Storage = { ...inner, setItem: (name, value) => promise.then(() => inner.setItem(name, value)) };
    const desk = await Desk.open(slow);
    desk.online();
    const added = desk.outbox.add(say("a"));
    await settled();
    assert.deepEqual(desk.sent, []);
    resolve();
    await added;
    await settled();
    assert.deepEqual(desk.told, ["a done a"]);
  });

  it("[OB2] fills while there is no network, and empties in order, one after the other", async () => {
    const desk = await queued("a", "b", "c");
    let underWay = 0;
    desk.answers = async (key) => {
      underWay += 1;
      assert.equal(underWay, 1);
      await settled();
      underWay -= 1;
      return key;
    };
    assert.deepEqual(
      desk.outbox.waiting.map(({ key }) => key),
      ["a", "b", "c"],
    );
    desk.online();
    for (let turn = 0; turn < 5; turn++) await settled();
    assert.deepEqual(desk.told, ["a done a", "b done b", "c done c"]);
    assert.deepEqual(desk.outbox.waiting, []);
  });

  for (const [reason, error] of [
    ["nothing is heard", new NoAnswer("lost")],
    ["it is UNAVAILABLE", new Refused("UNAVAILABLE", "", { retryAfterMs: 300 })],
    ["there was too much", new Refused("RATE_LIMIT_EXCEEDED", "", { retryAfterMs: 300 })],
  ] as const) {
    it(`[OB3] [P2] sends it again under the same key when ${reason}, and nothing before it`, async () => {
      const desk = await queued("a", "b");
      desk.answers = async (key, tries) => (key === "a" && tries < 3 ? Promise.reject(error) : key);
      desk.online();
      await settled();
      assert.deepEqual(desk.sent, ["a"]);
      await desk.platform.pass(10_000);
      assert.deepEqual(desk.sent, ["a", "a", "a", "b"]);
      assert.deepEqual(desk.told, ["a done a", "b done b"]);
    });
  }

  it("[OB3] waits as long as it is asked to, and not less", async () => {
    const desk = await queued("a");
    desk.answers = async (key, tries) =>
      tries === 1 ? Promise.reject(new Refused("RATE_LIMIT_EXCEEDED", "", { retryAfterMs: 7000 })) : key;
    desk.online();
    await desk.platform.pass(6999);
    assert.deepEqual(desk.sent, ["a"]);
    await desk.platform.pass(1001);
    assert.deepEqual(desk.sent, ["a", "a"]);
  });

  for (const code of ["GONE", "VALIDATION_ERROR", "ID_REUSED", "FORBIDDEN", "INTERNAL_SERVER_ERROR", "NEW_CODE"]) {
    it(`[OB4] hands a command refused with ${code} to the app, never sends it again, and goes on`, async () => {
      const desk = await queued("a", "b");
      desk.answers = async (key) => (key === "a" ? Promise.reject(new Refused(code, "")) : key);
      desk.online();
      await desk.platform.pass(60_000);
      assert.deepEqual(desk.sent, ["a", "b"]);
      assert.deepEqual(desk.told, [`a ${code}`, "b done b"]);
    });
  }

  it("[OB3] a mistake of our own is reported, and no reason to give a command up", async () => {
    const desk = await queued("a");
    desk.answers = async (key, tries) => (tries === 1 ? Promise.reject(new TypeError("ours")) : key);
    desk.online();
    await desk.platform.pass(5000);
    assert.deepEqual(desk.told, ["TypeError: ours", "a done a"]);
  });

  it("[OB5] what is under way when the connection ends is sent first on the next one", async () => {
    const desk = await queued("a", "b");
    const { promise, reject } = Promise.withResolvers<string>();
    desk.answers = (_key, tries) => (tries === 1 ? promise : Promise.resolve("late"));
    desk.online();
    await settled();
    desk.outbox.stop();
    reject(new NoAnswer("closed"));
    await desk.platform.pass(60_000);
    assert.deepEqual(desk.sent, ["a"]);
    desk.answers = async (key) => key;
    desk.online();
    await settled();
    assert.deepEqual(desk.sent, ["a", "a", "b"]);
  });

  it("[OB6] survives the app: what was not answered is sent by the next one, under its key", async () => {
    const storage = memoryStorage();
    const before = await Desk.open(storage);
    before.answers = async (key) => (key === "a" ? key : new Promise(() => undefined));
    for (const key of ["a", "b", "c"]) await before.outbox.add(say(key));
    before.online();
    await settled();
    assert.deepEqual(before.sent, ["a", "b"]);

    const after = await Desk.open(storage);
    assert.deepEqual(after.outbox.waiting, [say("b"), say("c")]);
    after.online();
    await settled();
    assert.deepEqual(after.told, ["b done b", "c done c"]);
    assert.deepEqual((await Desk.open(storage)).outbox.waiting, []);
  });

  it("[OB6] removes a command only after its answer was handed over", async () => {
    const storage = memoryStorage();
    const desk = await Desk.open(storage);
    const { promise, resolve } = Promise.withResolvers<string>();
    desk.answers = () => promise;
    desk.online();
    await desk.outbox.add(say("a"));
    assert.equal((await Desk.open(storage)).outbox.waiting.length, 1);
    resolve("a");
    await settled();
    assert.deepEqual(desk.told, ["a done a"]);
    assert.equal((await Desk.open(storage)).outbox.waiting.length, 0);
  });

  it("[OB4] a person may take back what still waits", async () => {
    const desk = await queued("a", "b");
    await desk.outbox.discard("a");
    desk.online();
    await settled();
    assert.deepEqual(desk.sent, ["b"]);
  });

  it("[OB6] a device that fails at putting away an answered command says so, and goes on", async () => {
    const inner = memoryStorage();
    const broken: Storage = { ...inner, removeItem: () => Promise.reject(new Error("read-only")) };
    const desk = await Desk.open(broken);
    for (const key of ["a", "b"]) await desk.outbox.add(say(key));
    desk.online();
    await settled();
    assert.deepEqual(desk.told, ["a done a", "Error: read-only", "b done b", "Error: read-only"]);
  });
});

import assert from "node:assert/strict";
import { Refusal } from "../../domain/refusal.ts";
import { type Errand, type Leave, Line } from "../../server/adapters/realtime/line.ts";

describe("the line before the door", () => {
  const turns: (() => void)[] = [];
  let [now, random] = [0, 0.5];
  let line: Line;
  let inside: { readonly name: string; readonly leave: Leave }[];
  beforeEach(() => {
    turns.length = 0;
    [now, random] = [0, 0.5];
    inside = [];
    line = new Line({ monotonic: () => now, nextTurn: (go) => void turns.push(go), random: () => random });
  });

  /** All promises that are settled are heard of. */
  const settled = () => new Promise((done) => setImmediate(done));
  const come = (name: string, errand: Errand = "seat", isGone = () => false) =>
    line.enter(errand, isGone).then((leave) => void inside.push({ name, leave }));
  const crowd = (names: readonly string[]) => names.map((name) => come(name));
  const names = () => inside.map(({ name }) => name);
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);
  const turn = async () => {
    turns.shift()?.();
    await settled();
  };

  it("[CR6] sixteen joins are at work, and whoever comes then waits until one is through", async () => {
    crowd(numbers(20));
    await settled();
    assert.deepEqual([names(), line.waiting], [numbers(16), 4]);
    inside[3]?.leave();
    inside[3]?.leave();
    await settled();
    assert.equal(inside.length, 16, "not before the loop has turned");
    await turn();
    assert.deepEqual([names(), line.waiting], [numbers(17), 3]);
  });

  it("[CR6] first come first served, and who has a seat to take before who asks for one", async () => {
    crowd(numbers(16));
    come("asks first");
    come("asks next");
    come("has a seat", "socket");
    await settled();
    for (const { leave } of inside.slice(0, 3)) leave();
    assert.equal(turns.length, 1);
    await turn();
    assert.deepEqual(names().slice(16), ["has a seat", "asks first", "asks next"]);
  });

  it("[CR6] who gave up takes nobody's turn", async () => {
    crowd(numbers(16));
    come("gone", "seat", () => true);
    come("patient");
    await settled();
    inside[0]?.leave();
    await turn();
    assert.deepEqual(names().slice(16), ["gone", "patient"]);
    inside[16]?.leave();
    crowd(["late"]);
    await settled();
    assert.equal(line.waiting, 1, "fifteen of the first, and the patient one");
  });

  it("[CR7] whoever would wait for more than four seconds is told when to come again; who has a seat waits", async () => {
    crowd(numbers(16 + 1001));
    await settled();
    const refused = await line.enter("seat").catch((error: unknown) => error);
    assert.ok(refused instanceof Refusal);
    assert.deepEqual([refused.code, refused.retryAfterMs], ["UNAVAILABLE", 1001 * 4]);
    random = 0.999;
    const later = await line.enter("seat").catch((error: unknown) => error);
    assert.ok(later instanceof Refusal && (later.retryAfterMs ?? 0) > 1.4 * 1001 * 4, "not all in the same moment");
    come("has a seat", "socket");
    assert.equal(line.waiting, 1002);
  });

  it("[CR7] how long one waits is what joins took of late", async () => {
    crowd(numbers(16 + 300));
    await settled();
    for (let n = 0; n < 100; n++) {
      now += 100;
      inside[n]?.leave();
      await turn();
    }
    await assert.rejects(line.enter("seat"), /Too many come at once/);
    assert.equal(line.waiting, 200);
  });
});

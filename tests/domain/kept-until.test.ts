import assert from "node:assert/strict";
import { KeptUntil } from "../../domain/kept-until.ts";

describe("what is kept for a while", () => {
  const SECOND = 1000;

  it("[SK2] is there until it ends, and not after", () => {
    const kept = new KeptUntil<string, number>(10);
    kept.put("a", 1, { now: 0, until: SECOND });
    assert.deepEqual([kept.get("a", SECOND - 1), kept.get("a", SECOND), kept.get("b", 0)], [1, undefined, undefined]);
    kept.put("a", 2, { now: SECOND, until: 2 * SECOND });
    assert.equal(kept.get("a", SECOND), 2);
  });

  it("[SK2] a hundred thousand of which ten are good at a time leave ten", () => {
    const kept = new KeptUntil<number, number>(1000);
    let most = 0;
    for (let n = 0; n < 100_000; n++) {
      kept.put(n, n, { now: n, until: n + 10 });
      most = Math.max(most, kept.size);
    }
    assert.deepEqual([kept.size, most], [10, 10]);
  });

  it("[SK2] no more than that is kept, however long it is good for, and the oldest goes first", () => {
    const kept = new KeptUntil<number, number>(3);
    for (let n = 0; n < 5; n++) kept.put(n, n, { now: 0, until: SECOND });
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((n) => kept.get(n, 0)),
      [undefined, undefined, 2, 3, 4],
    );
  });

  it("[SK2] said again, it is the newest", () => {
    const kept = new KeptUntil<number, number>(2);
    for (const n of [0, 1, 0, 2]) kept.put(n, n, { now: 0, until: SECOND });
    assert.deepEqual([kept.get(0, 0), kept.get(1, 0), kept.get(2, 0)], [0, undefined, 2]);
  });
});

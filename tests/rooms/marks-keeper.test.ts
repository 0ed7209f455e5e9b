import assert from "node:assert/strict";
import { mock } from "node:test";
import { noMarks } from "../../domain/room/marks.ts";
import { type KnownMarks, MarksKeeper } from "../../rooms/marks-keeper.ts";
import { ada, bea, pair } from "../support/twins.ts";

describe("watermarks on their way to the database", () => {
  let stored: (readonly KnownMarks[])[] = [];
  let isDown = false;
  const errors: unknown[] = [];
  const open = () =>
    new MarksKeeper(
      {
        marks: async () => new Map(),
        async raise(marks) {
          if (isDown) throw new Error("connection lost");
          stored.push(marks);
        },
      },
      (error) => errors.push(error),
    );
  const read = (upTo: number, userId = ada): KnownMarks => ({
    pairId: pair(1),
    userId,
    deliveredSeq: upTo,
    readSeq: upTo,
    shownReadSeq: upTo,
  });

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    stored = [];
    isDown = false;
    errors.length = 0;
  });
  afterEach(() => mock.timers.reset());
  const settle = () => new Promise(setImmediate);

  it("[RC1] are gathered and stored together within a second", async () => {
    const keeper = open();
    for (const upTo of [1, 2, 3]) keeper.remember(read(upTo));
    keeper.remember(read(9, bea));
    assert.deepEqual(stored, []);
    mock.timers.tick(500);
    await settle();
    assert.deepEqual(stored, [[read(3), read(9, bea)]]);
  });

  it("[RC2] are known to the next room before they are stored", async () => {
    const keeper = open();
    keeper.remember(read(3));
    const marksOf = await keeper.of(pair(1));
    assert.equal(marksOf(ada).readSeq, 3);
    assert.equal(marksOf(bea), noMarks);
  });

  it("[RC3] that could not be stored are tried again, and reported", async () => {
    const keeper = open();
    isDown = true;
    keeper.remember(read(3));
    mock.timers.tick(500);
    await settle();
    assert.equal(errors.length, 1);
    isDown = false;
    mock.timers.tick(500);
    await settle();
    assert.deepEqual(stored, [[read(3)]]);
  });
});

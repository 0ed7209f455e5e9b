import assert from "node:assert/strict";
import fc from "fast-check";
import { type Marks, noMarks, withDelivered, withRead } from "../../domain/room/marks.ts";

const report = fc.record({
  what: fc.constantFrom("delivered", "read"),
  upTo: fc.integer({ min: 0, max: 60 }),
  lastSeq: fc.integer({ min: 0, max: 40 }),
  sendsReceipts: fc.boolean(),
});

describe("watermarks", () => {
  it("[P11] whatever is reported: 0 <= shown <= read <= delivered <= last, and never back", () => {
    fc.assert(
      fc.property(fc.array(report), (reports) => {
        let marks: Marks = noMarks;
        let last = 0;
        for (const { what, upTo, lastSeq, sendsReceipts } of reports) {
          last = Math.max(last, lastSeq);
          const next = what === "read" ? withRead(marks, upTo, last, sendsReceipts) : withDelivered(marks, upTo, last);
          const { deliveredSeq, readSeq, shownReadSeq } = next;
          const order = [0, shownReadSeq, readSeq, deliveredSeq, last];
          assert.deepEqual(
            order,
            order.toSorted((a, b) => a - b),
          );
          assert.ok(deliveredSeq >= marks.deliveredSeq && readSeq >= marks.readSeq);
          assert.ok(shownReadSeq >= marks.shownReadSeq);
          marks = next;
        }
      }),
    );
  });

  it("[P11] with read receipts off, the twin keeps the old mark", () => {
    const shown = withRead(noMarks, 3, 10, true);
    assert.deepEqual(withRead(shown, 7, 10, false), { deliveredSeq: 7, readSeq: 7, shownReadSeq: 3 });
  });

  it("[P11] what says nothing new changes nothing", () => {
    const marks = withRead(noMarks, 3, 10, true);
    assert.equal(withRead(marks, 2, 10, true), marks);
    assert.equal(withDelivered(marks, 3, 10), marks);
  });
});

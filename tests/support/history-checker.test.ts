import assert from "node:assert/strict";
import {
  ADA,
  adas,
  answered,
  ask,
  BEA,
  beas,
  edited,
  LIFE,
  marked,
  PAIR,
  refused,
  said,
  settled,
  showed,
  stored,
  synced,
  TRUTH,
  told,
  windowOf,
} from "./history/life.ts";
import { assertKept, checkHistory, type Heard, type Observation, type Stored, type Truth } from "./history-checker.ts";

const found = (observations: readonly Observation[], truth: Truth | undefined = TRUTH): string[] =>
  checkHistory(observations, truth ? new Map([[PAIR, truth]]) : new Map()).map(
    ({ promise, says }) => `${promise} ${says}`,
  );

const without = (left: Observation): Observation[] => LIFE.filter((one) => one !== left);
const pick = (type: Observation["type"], nth = 0): Observation => {
  const one = LIFE.filter((observation) => observation.type === type)[nth];
  assert.ok(one, `a life has ${nth + 1} of ${type}`);
  return one;
};
const instead = (of: Observation, ...put: readonly Observation[]): Observation[] =>
  LIFE.flatMap((one) => (one === of ? put : [one]));
const messages = (...all: readonly Stored[]): Truth => ({ ...TRUTH, messages: all });

describe("the history checker", () => {
  it("finds nothing wrong with a life in which everything is as promised", () => {
    assert.deepEqual(found(LIFE), []);
    assert.deepEqual(found(LIFE, undefined), []);
    assertKept(LIFE, new Map([[PAIR, TRUTH]]));
    assert.throws(
      () => assertKept(instead(pick("answered"), answered(1, { seq: 9 })), new Map([[PAIR, TRUTH]])),
      /\[P2\]|\[P5\]/,
    );
  });

  it("takes it for no repetition that a resume was ahead of a change, which then comes in its place", () => {
    const ahead = told(edited, { ...beas, connection: "b2" }, 3);
    const inItsPlace = told(edited, { ...beas, connection: "b2" });
    const heard = LIFE.flatMap((one) => (JSON.stringify(one) === JSON.stringify(inItsPlace) ? [ahead, one] : [one]));
    assert.equal(heard.length, LIFE.length + 1);
    assert.deepEqual(found(heard), []);
  });

  it("keeps the pairs apart, and finds what was never heard of by anybody", () => {
    const truths = new Map([
      [PAIR, TRUTH],
      ["other", { firstSeq: 1, messages: [stored(said(2))] }],
    ]);
    assert.deepEqual(
      checkHistory(LIFE, truths).map(({ promise, pair }) => `${promise} ${pair}`),
      ["P3 other"],
    );
  });

  it("lets a device miss its own message whose answer was lost, and no other's", () => {
    const own = { ...adas, connection: "a2" };
    const lost = [...LIFE, windowOf(own, []), told(said(1, { senderId: ADA }), own), told(said(3), own)];
    assert.deepEqual(found(lost), []);
    const beasOwn = LIFE.map((one) => (one.type === "told" && one.message.seq === 2 ? told(said(3)) : one));
    assert.ok(found(beasOwn).some((says) => says.startsWith("P3")));
  });

  it("knows what is hidden from whom", () => {
    const hiddenView: Heard = { id: "id-2", seq: 2, version: 5, hidden: true };
    const truth = messages(stored(edited), stored(said(2), [{ userId: BEA, version: 5 }]), stored(said(3)));
    assert.ok(found(LIFE, truth).some((says) => says.startsWith("P10 at rest")));
    const life = instead(settled, told(hiddenView), showed("changed", hiddenView), settled);
    assert.deepEqual(found(life, truth), []);
    const told2 = told({ ...hiddenView, id: "id-3", seq: 3 });
    assert.ok(found([...life, told2], truth).some((says) => says.startsWith("P4") || says.startsWith("P5")));
  });

  it("tells what a device knows by its answers, if it shows nothing", () => {
    const life = LIFE.filter(({ type }) => type !== "shown");
    const adaAtRest: Observation[] = [
      windowOf(adas, []),
      ...life,
      {
        ...adas,
        type: "answered",
        ask: 'ask-4-{"messageId":"id-1","text":"better"}',
        key: "key-4",
        name: "chat.edit",
        answer: { version: 4 },
      },
      { ...adas, type: "settled" },
    ];
    const truth = {
      ...TRUTH,
      journal: [...(TRUTH.journal ?? []), { actor: ADA, key: "key-4", id: "id-1", seq: null, version: 4 }],
    };
    assert.deepEqual(found(adaAtRest, truth), []);
    const lost = adaAtRest.filter((one) => one.type !== "answered" || one.key !== "key-3");
    assert.ok(found(lost, truth).some((says) => says.startsWith("P10 at rest, it does not know seq 3")));
  });

  const twice = { ...TRUTH, messages: [...TRUTH.messages, stored(said(4, { key: "key-3" }))] };
  const WOUNDS: readonly (readonly [string, string, readonly Observation[], Truth?])[] = [
    ["P2", "a repeat answered with another seq", [...LIFE, answered(1, { seq: 2, duplicate: true })]],
    [
      "P2",
      "a repeat answered with another time",
      [...LIFE, answered(1, { sentAt: "2027-01-01T00:00:00.000Z", duplicate: true })],
    ],
    ["P2", "two answers that are both the first", [...LIFE, answered(1)]],
    ["P2", "one key in history twice", LIFE, twice],
    [
      "P2",
      "another body under the same key, done",
      [...LIFE, ask(1, { text: "else" }), answered(1, { duplicate: true }, { text: "else" })],
    ],
    ["P2", "ID_REUSED for the same body", [...LIFE, refused(1, "ID_REUSED")]],
    ["P2", "refused for ever, and done", [ask(3), refused(3, "FORBIDDEN")]],
    ["P3", "a hole in history", LIFE, messages(stored(edited), stored(said(3)))],
    ["P3", "a message shown twice", [...LIFE, showed("message", said(3))]],
    [
      "P3",
      "a message shown before the one it follows",
      instead(pick("shown", 1), showed("message", said(3)), showed("message", said(2))),
    ],
    ["P3", "a window with a hole", instead(pick("shown"), showed("window", said(1), said(3)))],
    ["P3", "a change shown again", [...LIFE, showed("changed", edited)]],
    ["P3", "a message told twice", [...LIFE, told(said(2))]],
    ["P3", "a message left out that is not the device's own", instead(pick("told"), told(said(3)))],
    ["P4", "two messages with one seq", [...LIFE, told(said(3, { id: "id-9", key: "key-9", version: 9 }))]],
    ["P4", "one key with two ids", [...LIFE, synced(9, 9, [said(4, { key: "key-3" })])]],
    ["P4", "one version with two messages", [...LIFE, told(said(4, { version: 3 }))]],
    ["P4", "an id that moved", [...LIFE, synced(9, 9, [said(3, { seq: 4 })])]],
    [
      "P4",
      "two devices that read different words",
      [...LIFE, windowOf({ ...adas, connection: "a2" }, [said(1, { text: "other" })])],
    ],
    ["P4", "a state whose version went back", [...LIFE, { ...beas, type: "stated", version: 2, lastSeq: 2 }]],
    ["P5", "shown, and not in history", [...LIFE, told(said(4))]],
    ["P5", "acknowledged, and not in history", LIFE, messages(stored(edited), stored(said(2)))],
    ["P5", "acknowledged, and not in the journal", LIFE, { ...TRUTH, journal: TRUTH.journal?.slice(1) ?? [] }],
    [
      "P5",
      "acknowledged at another place than the journal's",
      LIFE,
      {
        ...TRUTH,
        journal: [{ actor: ADA, key: "key-1", id: "id-1", seq: 1, version: 7 }, ...(TRUTH.journal?.slice(1) ?? [])],
      },
    ],
    ["P5", "shown ahead of history", LIFE, messages(stored(said(1)), stored(said(2)), stored(said(3)))],
    ["P5", "other words than were asked for", instead(pick("invoked", 3), ask(3, { text: "not these" }))],
    [
      "P5",
      "other words than are stored",
      LIFE,
      messages(stored(edited), stored(said(2, { text: "else" })), stored(said(3))),
    ],
    [
      "P5",
      "an encrypted body in another order",
      instead(pick("invoked", 1), ask(2, { encrypted: { b: 1, a: 2 } })),
      messages(stored(edited), stored(said(2, { text: null, encrypted: { a: 2, b: 1 } })), stored(said(3))),
    ],
    ["P5", "hidden, and by nobody", [...LIFE, told({ id: "id-2", seq: 2, version: 2, hidden: true })]],
    ["P10", "a resume that left something out", without(pick("told", 1))],
    [
      "P10",
      "a resume that told an old state",
      instead(pick("told", 2), told(said(1, { version: 1 }), { ...beas, connection: "b2" })),
    ],
    ["P10", "a sync that left something out", instead(pick("synced", 1), synced(3, 4, [said(3)]))],
    ["P10", "at rest without a message", without(pick("shown", 2))],
    ["P10", "at rest with an old state", without(pick("shown", 3))],
    ["P11", "read beyond delivered", [...LIFE, marked({ deliveredSeq: 3, readSeq: 4 })]],
    ["P11", "delivered beyond the newest", [...LIFE, marked({ deliveredSeq: 9, readSeq: 3 })]],
    ["P11", "a mark that went back", [...LIFE, marked({ deliveredSeq: 3, readSeq: 2 })]],
    ["P11", "a mark below nothing", [...LIFE, marked({ readSeq: -1 }, { ...beas, connection: "b9" })]],
  ];
  for (const [promise, what, life, truth] of WOUNDS) {
    it(`[${promise}] finds ${what}`, () => {
      const says = found(life, truth);
      assert.ok(
        says.some((one) => one.startsWith(`${promise} `)),
        `it found ${JSON.stringify(says)}`,
      );
    });
  }
});

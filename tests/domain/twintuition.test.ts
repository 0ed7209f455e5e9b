import assert from "node:assert/strict";
import { type Arrival, unmeasured } from "../../domain/room/fair-time.ts";
import type { Agreed } from "../../domain/room/feature.ts";
import { type RoomEvent, type RoomState, roomRules } from "../../domain/room/rules.ts";
import type { Press, TwinMoment } from "../../domain/room/twintuition-history.ts";
import { momentsOn, momentsTotal } from "../../domain/room/twintuition-history.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { ada, bea, commandOf, countingChance, newYear, pair } from "../support/twins.ts";

/** A link so short that a press counts when it comes. */
const at = (now: number): Arrival => ({ at: now, tripMs: 0, ahead: undefined });
const usual: Agreed = { windowMs: 30_000, keywordMoments: true, zones: [] };

/** Two twins in a room without a database: what they do, at which second, makes rows at once. */
class Life {
  now = newYear;
  state: RoomState;
  readonly rows: RoomEvent[] = [];
  agreed = usual;
  readonly #rules = roomRules({ now: () => this.now, ...countingChance() });
  #keys = 0;

  constructor() {
    this.state = this.#rules.open({ lastId: null, isClosed: false }, []);
  }

  do(seconds: number, actor: UserId, name: string, input: object = {}, arrival?: Arrival): readonly RoomEvent[] {
    this.now = newYear + seconds * 1000;
    const how = { agreed: this.agreed, arrival: arrival ?? at(this.now) };
    const command = commandOf(actor, name, `${++this.#keys}`, input, pair(1), how);
    const events = this.#rules.decide(this.state, command);
    for (const event of events) this.#take(event);
    return events;
  }

  press(seconds: number, actor: UserId, input: object = {}, arrival?: Arrival): TwinMoment | undefined {
    return momentIn(this.do(seconds, actor, "twintuition.press", input, arrival));
  }

  alert(seconds: number, actor: UserId, input: object = { kind: "thought" }): TwinMoment | undefined {
    return momentIn(this.do(seconds, actor, "twintuition.alert", input));
  }

  say(seconds: number, actor: UserId, input: object): TwinMoment | undefined {
    return momentIn(this.do(seconds, actor, "chat.send", input));
  }

  get moments(): TwinMoment[] {
    return this.rows.flatMap((row) => (row.type === "twintuition.moment_made" ? row.moment : []));
  }

  #take(event: RoomEvent): void {
    this.rows.push(event);
    const seq = event.type === "chat.message_sent" ? this.state.chat.recent.length + 1 : null;
    this.state = this.#rules.evolve(this.state, { seq, version: this.rows.length, event });
  }
}

function momentIn(events: readonly RoomEvent[]): TwinMoment | undefined {
  assert.ok(events.length <= 2);
  const [, second] = events;
  return second?.type === "twintuition.moment_made" ? second.moment : undefined;
}

describe("presses", () => {
  it("[TW1] a press takes a row that no twin sees; the moment takes one that both do", () => {
    const { reach } = roomRules({ now: () => newYear, ...countingChance() });
    const life = new Life();
    life.press(0, ada);
    life.press(1, bea);
    assert.deepEqual(
      life.rows.map((row) => [row.type, reach(row)]),
      [
        ["twintuition.pressed", "private"],
        ["twintuition.pressed", "private"],
        ["twintuition.moment_made", "shared"],
      ],
    );
  });

  it("[TW2] two within the window make one moment, and each is spent on it", () => {
    const life = new Life();
    assert.equal(life.press(0, ada), undefined);
    const moment = life.press(10, bea);
    assert.deepEqual([moment?.type, moment?.algorithm, moment?.at], ["sync", "press", newYear + 10_000]);
    assert.equal(life.press(11, bea), undefined);
    assert.ok(life.press(12, ada));
    assert.equal(life.moments.length, 2);
    assert.equal(new Set(life.moments.flatMap(({ parts }) => parts)).size, 4);
    assert.deepEqual(life.state.twintuition.presses, []);
  });

  it("[TW2] one's own presses make none, however many", () => {
    const life = new Life();
    for (let n = 0; n < 5; n++) assert.equal(life.press(n, ada), undefined);
    assert.equal(life.state.twintuition.presses.length, 5);
  });

  const within: [seconds: number, isMet: boolean][] = [
    [0, true],
    [29.999, true],
    [30, true],
    [30.001, false],
    [500, false],
  ];
  for (const [seconds, isMet] of within) {
    it(`[TW2] ${seconds} s apart, with a window of 30 s, they ${isMet ? "are" : "make no"} moment`, () => {
      const life = new Life();
      life.press(0, ada);
      assert.equal(life.press(seconds, bea) !== undefined, isMet);
    });
  }

  it("[TW3] the window is the one both agree on by the second press, and never longer than by the first", () => {
    const life = new Life();
    life.agreed = { ...usual, windowMs: 5000 };
    life.press(0, ada);
    life.agreed = { ...usual, windowMs: 900_000 };
    assert.equal(life.press(6, bea), undefined);
    life.agreed = { ...usual, windowMs: 5000 };
    assert.equal(life.press(12, ada), undefined);
    assert.equal(life.press(14, bea)?.windowMs, 5000);
  });

  it("[TW4] it meets the nearest, and of two that are as near the one that has waited longer", () => {
    const life = new Life();
    const [first, second, third] = [0, 8, 12].map((seconds) => life.do(seconds, ada, "twintuition.press")[0]?.id);
    const last = life.press(10, bea);
    assert.equal(last?.parts[0], second);
    assert.equal(life.press(10, bea)?.parts[0], third);
    assert.equal(life.press(11, bea)?.parts[0], first);
  });

  it("[TW4] presses are compared by when they were pressed, in whatever order they came", () => {
    const life = new Life();
    const pressedAt = newYear;
    const slow = { at: newYear + 1500, tripMs: 1600, ahead: { low: -10, high: 10 } };
    life.press(1, ada);
    const moment = life.press(1.5, bea, { pressedAt }, slow);
    assert.equal(moment?.dtMs, 1000);
    assert.equal(moment?.at, newYear + 1000);
  });

  it("[TW12] confidence is 1 - dt / window, and how far apart they were is stored with its uncertainty", () => {
    const life = new Life();
    life.press(1, ada, {}, { at: newYear + 1000, tripMs: 100, ahead: undefined });
    const moment = life.press(4, bea, {}, { at: newYear + 4000, tripMs: 700, ahead: undefined });
    const { dtMs, uncertaintyMs, windowMs, confidence } = moment ?? {};
    assert.deepEqual({ dtMs, uncertaintyMs, windowMs }, { dtMs: 2700, uncertaintyMs: 400, windowMs: 30_000 });
    assert.equal(confidence, 1 - 2700 / 30_000);
  });

  it("[TW5] what somebody felt is sealed until the match, and then both words are told and gone from the presses", () => {
    const life = new Life();
    life.press(0, ada, { feeling: "joy" });
    const [press] = life.state.twintuition.presses;
    assert.match(press?.feeling ?? "", /^sealed /);
    const events = life.do(1, bea, "twintuition.press", { feeling: "calm" });
    assert.deepEqual(momentIn(events)?.feelings, [
      { userId: ada, feeling: "joy" },
      { userId: bea, feeling: "calm" },
    ]);
    const made = events[1];
    assert.ok(made?.type === "twintuition.moment_made");
    assert.deepEqual(
      made.spent.map((one) => one.fact === "press" && one.feeling),
      [null, null],
    );
  });

  it("[TW5] only one said a word: only that is told; and a word sealed for another press is none", () => {
    const life = new Life();
    life.press(0, ada, { feeling: "joy" });
    assert.deepEqual(life.press(1, bea)?.feelings, [{ userId: ada, feeling: "joy" }]);
    life.press(2, ada, { feeling: "joy" });
    life.press(3, ada);
    const [first, second] = life.state.twintuition.presses;
    assert.ok(first && second);
    const swapped: Press[] = [{ ...second, feeling: first.feeling }];
    life.state = { ...life.state, twintuition: { ...life.state.twintuition, presses: swapped } };
    assert.deepEqual(life.press(4, bea)?.feelings, []);
  });

  it("[TW6] what met no other is forgotten after its window, and a little longer where a database was slow", () => {
    const life = new Life();
    life.press(0, ada);
    life.alert(89, ada);
    assert.equal(life.state.twintuition.presses.length, 1);
    life.alert(91, ada);
    assert.equal(life.state.twintuition.presses.length, 0);
  });
});

describe("alerts", () => {
  it("[TW10] two of the two within the window make a connection, each alert once", () => {
    const life = new Life();
    assert.equal(life.alert(0, ada), undefined);
    assert.equal(life.alert(1, ada), undefined);
    const moment = life.alert(6, bea);
    assert.deepEqual([moment?.type, moment?.algorithm], ["connection", "alerts"]);
    assert.deepEqual([moment?.dtMs, moment?.confidence], [5000, 1 - 5000 / 30_000]);
    assert.ok(life.alert(7, bea));
    assert.equal(life.alert(8, bea), undefined);
    assert.equal(life.alert(39, ada), undefined);
  });

  it("[TW10] an alert and a press are two things", () => {
    const life = new Life();
    life.alert(0, ada);
    assert.equal(life.press(1, bea), undefined);
  });
});

describe("words that make a moment", () => {
  const text = "you read my mind";
  it("[KW5] a plain text does, and the moment keeps whose words it was, and which", () => {
    const life = new Life();
    const moment = life.say(0, ada, { text });
    assert.deepEqual([moment?.type, moment?.algorithm, moment?.phrases], ["intuition", "words", ["read my mind"]]);
    assert.equal(moment?.messageId, life.rows[0]?.id);
    assert.deepEqual([moment?.confidence, moment?.dtMs, moment?.parts], [0.85, null, []]);
  });

  const silent: [what: string, input: object, agreed?: Agreed][] = [
    ["what is sealed from us", { encrypted: text }],
    ["a sign", { type: "emoji", text: "telepathy" }],
    ["a place's label", { type: "location", location: { lat: 1, lon: 1, label: text } }],
    ["a text when either of the two wants none", { text }, { ...usual, keywordMoments: false }],
  ];
  for (const [what, input, agreed = usual] of silent) {
    it(`[KW5] ${what} makes none`, () => {
      const life = new Life();
      life.agreed = agreed;
      assert.equal(life.say(0, ada, input), undefined);
    });
  }

  it("[KW5] an edit makes none", () => {
    const life = new Life();
    const [sent] = life.do(0, ada, "chat.send", { text: "hello" });
    assert.equal(momentIn(life.do(1, ada, "chat.edit", { messageId: sent?.id, text })), undefined);
  });
});

describe("moments", () => {
  it("[MO4] are numbered in the pair and in their day, and neither runs backwards", () => {
    const life = new Life();
    life.agreed = { ...usual, zones: ["Asia/Tokyo", "Asia/Tokyo"] };
    for (const seconds of [0, 1, 14 * 3600 + 3599, 15 * 3600]) life.say(seconds, ada, { text: "telepathy" });
    life.agreed = { ...usual, zones: ["America/Los_Angeles", "America/Los_Angeles"] };
    life.say(15 * 3600 + 1, ada, { text: "telepathy" });
    assert.deepEqual(
      life.moments.map(({ number, day, ofDay }) => [number, day, ofDay]),
      [
        [1, "2026-01-01", 1],
        [2, "2026-01-01", 2],
        [3, "2026-01-01", 3],
        [4, "2026-01-02", 1],
        [5, "2026-01-02", 2],
      ],
    );
    const { twintuition } = life.state;
    assert.deepEqual([momentsTotal(twintuition), momentsOn(twintuition, "2026-01-02")], [5, 2]);
    assert.equal(momentsOn(twintuition, "2026-01-03"), 0);
  });
});

describe("what twintuition refuses", () => {
  const refused: [what: string, name: string, input: object, path: string][] = [
    ["a kind nobody knows", "twintuition.alert", { kind: "anger" }, "kind"],
    ["an alert without a kind", "twintuition.alert", {}, "kind"],
    ["201 characters", "twintuition.alert", { kind: "thought", text: "x".repeat(201) }, "text"],
    ["no characters", "twintuition.alert", { kind: "thought", text: " " }, "text"],
    ["an intensity of 0", "twintuition.alert", { kind: "thought", intensity: 0 }, "intensity"],
    ["an intensity of 11", "twintuition.alert", { kind: "thought", intensity: 11 }, "intensity"],
    ["an intensity of 5.5", "twintuition.alert", { kind: "thought", intensity: 5.5 }, "intensity"],
    ["two words", "twintuition.press", { feeling: "so happy" }, "feeling"],
    ["two words with a space that is none", "twintuition.press", { feeling: "so\u00a0happy" }, "feeling"],
    ["two words with a space that nobody sees", "twintuition.press", { feeling: "so\u200bhappy" }, "feeling"],
    ["an empty word", "twintuition.press", { feeling: " " }, "feeling"],
    ["a word of 41", "twintuition.press", { feeling: "x".repeat(41) }, "feeling"],
    ["a word with a NUL", "twintuition.press", { feeling: "jo\0y" }, "feeling"],
    ["a time that is none", "twintuition.press", { pressedAt: "soon" }, "pressedAt"],
    ["a time beyond all clocks", "twintuition.press", { pressedAt: 1e300 }, "pressedAt"],
    ["a time that is no number", "twintuition.press", { pressedAt: Number.NaN }, "pressedAt"],
    ["a field nobody knows", "twintuition.press", { at: 5 }, ""],
  ];
  for (const [what, name, input, path] of refused) {
    it(`[TW11] ${what} is a VALIDATION_ERROR`, () => {
      assert.throws(
        () => commandOf(ada, name, "k", input),
        (error: { code?: string; details?: { path: string }[] }) =>
          error.code === "VALIDATION_ERROR" && error.details?.[0]?.path === path,
      );
    });
  }

  it("[TW11] 200 characters, the strongest and the weakest, a word of any script and a time as a word are taken", () => {
    const life = new Life();
    life.alert(0, ada, { kind: "action", text: "x".repeat(200), intensity: 10 });
    life.alert(0, ada, { kind: "action", intensity: 1 });
    life.press(0, ada, { feeling: "Geborgenheit", pressedAt: "2026-01-01T01:00:00+01:00" }, unmeasured(newYear));
    life.press(0, ada, { feeling: "💚" });
    assert.equal(life.rows.length, 4);
  });
});

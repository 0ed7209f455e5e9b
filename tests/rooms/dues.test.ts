import assert from "node:assert/strict";
import { mock } from "node:test";
import { noMarks } from "../../domain/room/marks.ts";
import { type RoomEvent, roomRules } from "../../domain/room/rules.ts";
import { dueOf } from "../../rooms/dues.ts";
import { Members } from "../../rooms/members.ts";
import { PairState } from "../../schema/state/pair-state.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { fakeDevice } from "../support/fake-client.ts";
import { ada, bea, commandOf, countingChance, newYear, notBegun, pair } from "../support/twins.ts";

describe("whom a push is due to, and when", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: newYear }));
  afterEach(() => mock.timers.reset());

  const nothing = () => undefined;
  const person = (userId: UserId, canRing = true) => ({
    ...{ userId, name: "", accentColor: "", avatar: null, lastSeen: null, canRing },
    ...{ showsLastSeen: true, sendsReadReceipts: true, assessment: notBegun },
    ...{ windowMs: 30_000, keywordMoments: true, timezone: "UTC" },
  });

  function members({ canRing = true, isUnknown = false } = {}): Members {
    const deps = { pairId: pair(1), state: new PairState(), now: Date.now };
    const told = { patch: nothing, remember: nothing, seen: nothing };
    return new Members({ ...deps, ...told }, [person(ada), person(bea, canRing)], () => noMarks, isUnknown);
  }

  /** What that command of Ada's makes happen in a pair where nothing was said. */
  function happens(name: string, input: object): RoomEvent {
    const rules = roomRules({ now: Date.now, ...countingChance() });
    const head = { epoch: 1, revision: 0, version: 0, lastSeq: 0, lastId: null, firstSeq: 1, isClosed: false };
    const [event] = rules.decide(rules.open(head, []), commandOf(ada, name, "k", input));
    assert.ok(event);
    return event;
  }
  /** Bea has pressed, and so does Ada. */
  function moment(): RoomEvent {
    const rules = roomRules({ now: Date.now, ...countingChance() });
    const head = { epoch: 1, revision: 0, version: 0, lastSeq: 0, lastId: null, firstSeq: 1, isClosed: false };
    const empty = rules.open(head, []);
    const [event] = rules.decide(empty, commandOf(bea, "twintuition.press", "k", {}));
    const pressed = rules.evolve(empty, { event, seq: null, version: 0 });
    const [, met] = rules.decide(pressed, commandOf(ada, "twintuition.press", "k", {}));
    assert.ok(met);
    return met;
  }
  const sent = () => happens("chat.send", { text: "are you there?" });
  const phone = (deviceId: string) => fakeDevice(bea, deviceId, Date.now).device;

  it("[PU2] to who is not there at once", () => {
    assert.deepEqual(dueOf(sent(), members()), { to: bea, at: newYear });
    assert.deepEqual(dueOf(sent(), members({ isUnknown: true })), { to: bea, at: newYear });
  });

  it("[PU2] to who is online in fifteen seconds, also in the grace after the last phone went", () => {
    const both = members();
    const one = phone("one");
    both.arrive(one);
    assert.deepEqual(dueOf(sent(), both), { to: bea, at: newYear + 15_000 });
    both.leave(one);
    assert.deepEqual(dueOf(sent(), both), { to: bea, at: newYear + 15_000 });
    mock.timers.tick(30_000);
    assert.deepEqual(dueOf(sent(), both), { to: bea, at: newYear + 30_000 });
  });

  it("[PU2] to who has the app in the background at once", () => {
    const both = members();
    const one = phone("one");
    both.arrive(one);
    both.presenceOf(bea).say(one, "away");
    assert.deepEqual(dueOf(sent(), both), { to: bea, at: newYear });
  });

  it("[TW14] of an alert in the same way, and of a moment only who does not look", () => {
    const alert = happens("twintuition.alert", { kind: "thought" });
    const met = moment();
    const both = members();
    assert.deepEqual(dueOf(alert, both), { to: bea, at: newYear });
    assert.deepEqual(dueOf(met, both), { to: bea, at: newYear });
    both.arrive(phone("one"));
    assert.deepEqual(dueOf(alert, both), { to: bea, at: newYear + 15_000 });
    assert.equal(dueOf(met, both), undefined);
    assert.equal(dueOf(happens("twintuition.press", {}), members()), undefined);
  });

  it("[PU7] to nobody who has no phone that could ring", () => {
    assert.equal(dueOf(sent(), members({ canRing: false })), undefined);
  });

  it("[PU7] a phone that is given a token while the room is open rings from then on", () => {
    const both = members({ canRing: false });
    both.update([person(bea)]);
    assert.deepEqual(dueOf(sent(), both), { to: bea, at: newYear });
  });
});

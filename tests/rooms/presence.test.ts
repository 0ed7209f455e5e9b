import assert from "node:assert/strict";
import { mock } from "node:test";
import { Presence } from "../../rooms/presence.ts";
import { fakeDevice } from "../support/fake-client.ts";
import { ada, newYear } from "../support/twins.ts";

describe("presence", () => {
  const seen: [at: number, isFinal: boolean][] = [];
  let changes = 0;
  const now = () => Date.now();

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: newYear });
    seen.length = 0;
    changes = 0;
  });
  afterEach(() => mock.timers.reset());

  const changed = () => {
    changes += 1;
  };
  const open = (lastSeen: number | null = null, isUnknown = false) =>
    new Presence({ now, changed, seen: (at, isFinal) => void seen.push([at, isFinal]) }, lastSeen, isUnknown);
  const phone = (deviceId: string) => fakeDevice(ada, deviceId, now).device;

  it("[P12] a person is online if any device is active, and away if all are in the background", () => {
    const presence = open();
    const [one, two] = [phone("one"), phone("two")];
    assert.equal(presence.status, "offline");
    presence.arrive(one);
    presence.arrive(two);
    presence.say(one, "away");
    assert.deepEqual([presence.status, presence.devices], ["online", 2]);
    presence.say(two, "away");
    assert.equal(presence.status, "away");
    presence.say(one, "online");
    assert.equal(presence.status, "online");
  });

  it("[P12] the last device gone leaves 30 s of grace, in which nothing shows", () => {
    const presence = open();
    const one = phone("one");
    presence.arrive(one);
    presence.leave(one);
    mock.timers.tick(29_999);
    assert.equal(presence.status, "online");
    mock.timers.tick(1);
    assert.equal(presence.status, "offline");
    assert.deepEqual([presence.lastSeen, seen.at(-1)], [newYear, [newYear, true]]);
  });

  it("[P12] who returns within the grace was never away", () => {
    const presence = open();
    const [one, two] = [phone("one"), phone("one")];
    presence.arrive(one);
    presence.leave(one);
    mock.timers.tick(20_000);
    presence.arrive(two);
    mock.timers.tick(60_000);
    assert.equal(presence.status, "online");
  });

  it("[P12] after a crash nobody knows, for 45 s; then they are offline, last seen when they were", () => {
    const presence = open(newYear - 5000, true);
    assert.deepEqual([presence.status, presence.lastSeen], ["unknown", newYear - 5000]);
    mock.timers.tick(44_999);
    assert.equal(presence.status, "unknown");
    mock.timers.tick(1);
    assert.deepEqual([presence.status, presence.lastSeen, seen], ["offline", newYear - 5000, []]);
  });

  it("[P12] after a crash, whoever returns is there", () => {
    const presence = open(null, true);
    presence.arrive(phone("one"));
    mock.timers.tick(60_000);
    assert.equal(presence.status, "online");
  });

  it("[PR1] typing ends after 5 s unless it is said again, and with the device that types", () => {
    const presence = open();
    const one = phone("one");
    presence.arrive(one);
    presence.type(one, true, "text");
    mock.timers.tick(3000);
    presence.type(one, true, "text");
    mock.timers.tick(4000);
    assert.equal(presence.typing, "text");
    mock.timers.tick(1000);
    assert.equal(presence.typing, undefined);
    presence.type(one, true, "voice");
    presence.leave(one);
    assert.equal(presence.typing, undefined);
  });

  it("[PR1] one phone that stops typing does not silence the other", () => {
    const presence = open();
    const [one, two] = [phone("one"), phone("two")];
    for (const device of [one, two]) presence.arrive(device);
    presence.type(one, true, "text");
    presence.type(two, true, "voice");
    presence.type(one, false, "text");
    assert.equal(presence.typing, "voice");
    mock.timers.tick(5000);
    assert.equal(presence.typing, undefined);
  });

  it("[PR2] saying again what shows already changes nothing", () => {
    const presence = open();
    const one = phone("one");
    presence.arrive(one);
    presence.type(one, true, "text");
    const before = changes;
    presence.type(one, true, "text");
    assert.equal(changes, before);
  });
});

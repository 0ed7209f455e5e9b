import assert from "node:assert/strict";
import { mock } from "node:test";
import { Attendance } from "../../rooms/attendance.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { fakeDevice } from "../support/fake-client.ts";

const ada = UserId.parse("00000000-0000-4000-8000-00000000000a");
const LOOKS = 20;

describe("those who are connected", () => {
  let now = 0;
  const clock = () => now;

  beforeEach(() => mock.timers.enable({ apis: ["setInterval"] }));
  afterEach(() => mock.timers.reset());

  const answer = ({ client }: ReturnType<typeof fakeDevice>) => client.ref.emit("pong", Buffer.from(""));

  const connected = (attendance: Attendance, count: number, { answers = true } = {}) =>
    Array.from({ length: count }, (_, n) => {
      const one = fakeDevice(ada, `phone-${n}`, clock);
      const pings: number[] = [];
      const ping = () => {
        pings.push(now);
        if (answers) answer(one);
      };
      Object.assign(one.client.ref, { ping });
      attendance.arrive(one.device);
      return { ...one, pings };
    });

  const passes = (looks: number) => {
    for (let n = 0; n < looks; n++) {
      now += 1000;
      mock.timers.tick(1000);
    }
  };

  it("[IM1] each socket is pinged once in 20 s, and a hundred of them five a second", () => {
    const attendance = new Attendance(clock);
    const all = connected(attendance, 100);
    passes(LOOKS);
    const perSecond = Map.groupBy(
      all.flatMap(({ pings }) => pings),
      (at) => at,
    );
    assert.deepEqual(
      [...perSecond.values()].map(({ length }) => length),
      Array.from({ length: LOOKS }, () => 5),
    );
    for (const { pings } of all) assert.equal(pings.length, 1);
    passes(LOOKS);
    for (const { pings } of all) assert.equal((pings[1] ?? 0) - (pings[0] ?? 0), 20_000);
    for (const { device } of all) attendance.depart(device);
  });

  it("[IM1] whoever left is pinged no more, and their place in the row is taken by who comes next", () => {
    const attendance = new Attendance(clock);
    const all = connected(attendance, LOOKS);
    const [gone] = all;
    assert.ok(gone);
    attendance.depart(gone.device);
    const [next] = connected(attendance, 1);
    passes(LOOKS);
    assert.deepEqual([gone.pings.length, next?.pings.length], [0, 1]);
    assert.equal(new Set([...all.slice(1), next].map((one) => one?.pings[0])).size, LOOKS);
    for (const one of [...all.slice(1), next]) if (one) attendance.depart(one.device);
  });

  it("[PR4] a token renewed with one that ends sooner is honoured no longer than that, whenever its socket is pinged", () => {
    const attendance = new Attendance(clock);
    const all = connected(attendance, LOOKS);
    passes(3);
    for (const { device } of all) device.renew({ sid: device.sid, expiresAt: now + 5000 });
    passes(4);
    for (const { client } of all) assert.deepEqual([client.sent.length, client.closedWith], [1, undefined]);
    passes(1);
    for (const { client } of all) assert.equal(client.closedWith, 4401);
    for (const { device } of all) attendance.depart(device);
  });

  it("[PR4] each is warned within a second of 60 s before its end, and let go within a second of it, hours later", () => {
    const attendance = new Attendance(clock);
    const all = connected(attendance, LOOKS);
    const told = new Map<string, number[]>();
    const end = all[0]?.device.expiresAt ?? 0;
    while (now < end + 1000) {
      passes(1);
      for (const { client, device } of all) {
        const known = told.get(device.id) ?? [];
        if (client.sent.length > known.length || (client.closedWith && known.length === 1))
          told.set(device.id, [...known, now]);
      }
    }
    for (const { device } of all) {
      const [warned = 0, closed = 0] = told.get(device.id) ?? [];
      assert.ok(warned >= end - 60_000 && warned <= end - 59_000, `warned ${end - warned} ms before`);
      assert.ok(closed >= end && closed <= end + 1000);
      attendance.depart(device);
    }
  });

  it("[IM2] a line that is dead is asked a second time after ten seconds, and let go within 40 s; no other is", () => {
    const attendance = new Attendance(clock);
    const [silent] = connected(attendance, 1, { answers: false });
    const [alive] = connected(attendance, 1);
    assert.ok(silent && alive);
    const began = now;
    while (!silent.client.ref.isCut) passes(1);
    const [first = 0, second, ...more] = silent.pings;
    assert.deepEqual([second, more, now], [first + 10_000, [], first + 20_000]);
    assert.ok(now - began <= 40_000, `${now - began} ms`);
    assert.deepEqual([alive.client.ref.isCut, alive.pings.length], [false, 2]);
    for (const { device } of [silent, alive]) attendance.depart(device);
  });

  it("[IM2] a ping that was lost costs nobody their socket", () => {
    const attendance = new Attendance(clock);
    const [slow] = connected(attendance, 1, { answers: false });
    assert.ok(slow);
    for (let beats = 1; beats <= 3; beats++) {
      // The first of each two is lost.
      while (slow.pings.length < 2 * beats) passes(1);
      answer(slow);
    }
    assert.equal(slow.client.ref.isCut, false);
    attendance.depart(slow.device);
  });
});

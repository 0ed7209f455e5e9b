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

  const connected = (attendance: Attendance, count: number) =>
    Array.from({ length: count }, (_, n) => {
      const one = fakeDevice(ada, `phone-${n}`, clock);
      const pings: number[] = [];
      Object.assign(one.client.ref, { ping: () => pings.push(now) });
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
    for (const { client } of all) client.ref.emit("pong", Buffer.from(""));
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

  it("[IM2] a socket that leaves two pings unanswered is cut at the third, and no other", () => {
    const attendance = new Attendance(clock);
    const [silent, alive] = connected(attendance, 2);
    assert.ok(silent && alive);
    for (let n = 0; n < 3; n++) {
      passes(LOOKS);
      alive.client.ref.emit("pong", Buffer.from(""));
      assert.equal(silent.client.ref.isCut, n === 2);
    }
    assert.equal(alive.client.ref.isCut, false);
    for (const { device } of [silent, alive]) attendance.depart(device);
  });
});

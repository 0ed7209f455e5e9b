import assert from "node:assert/strict";
import { mock } from "node:test";
import { ClientState } from "@colyseus/core";
import { Attendance } from "../../rooms/attendance.ts";
import { Devices } from "../../rooms/devices.ts";
import type { AnyMessageView } from "../../schema/wire/chat.ts";
import { MessageId } from "../../schema/wire/ids.ts";
import { fakeDevice, sessionId } from "../support/fake-client.ts";
import { ada, bea, newYear } from "../support/twins.ts";

const view = (version: number): AnyMessageView => ({
  id: MessageId.parse("01900000-0000-7000-8000-000000000001"),
  seq: 1,
  version,
  hidden: true,
});

describe("a device", () => {
  let now = newYear;
  const clock = () => now;
  beforeEach(() => {
    now = newYear;
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  });
  afterEach(() => mock.timers.reset());
  const versions = (sent: [string, unknown][]) =>
    sent.map(([, payload]) =>
      typeof payload === "object" && payload && "version" in payload ? payload.version : null,
    );

  it("[P3] hears what happened while it was brought up to date afterwards, in order and once", () => {
    const { client, device } = fakeDevice(ada, "phone", clock);
    for (const version of [5, 6, 7]) device.tellChange(version, view(version));
    assert.deepEqual(client.sent, []);
    device.follow(6);
    device.tellChange(7, view(7));
    device.tellChange(8, view(8));
    assert.deepEqual(versions(client.sent), [7, 8]);
  });

  it("[P3] does not hear as news what its own command was answered with", () => {
    const { client, device } = fakeDevice(ada, "phone", clock);
    device.follow(0);
    device.knows(1);
    device.tellChange(1, view(1));
    device.tellChange(2, view(2));
    assert.deepEqual(versions(client.sent), [2]);
  });

  it("[P8] that does not read is closed 4408 past 256 KiB, hears nothing more, and is cut if it does not go", () => {
    const { client, device } = fakeDevice(ada, "phone", clock);
    device.tell("chat.message", {});
    client.ref.bufferedAmount = 256 * 1024 + 1;
    device.tell("chat.message", {});
    assert.equal(client.closedWith, 4408);
    device.tell("chat.message", {});
    assert.equal(client.sent.length, 2);
    mock.timers.tick(5000);
    assert.equal(client.ref.isCut, true);
  });

  it("[P8] that never confirms its join is let go as well", () => {
    const { client, device } = fakeDevice(ada, "phone", clock);
    client.state = ClientState.JOINING;
    for (let n = 0; n < 27; n++) device.tell("chat.window", { text: "x".repeat(10_000) });
    assert.equal(client.closedWith, 4408);
  });

  it("[PR3] the same device again replaces its older socket, and a ninth is refused while all answer", () => {
    const gone: string[] = [];
    const devices = new Devices(new Attendance(clock), ({ deviceId }) => gone.push(deviceId));
    const eight = Array.from({ length: 8 }, (_, n) => fakeDevice(ada, `phone-${n}`, clock));
    for (const { device } of eight) devices.arrive(device, now);
    devices.arrive(fakeDevice(ada, "phone-3", clock).device, now);
    assert.deepEqual([eight[3]?.client.closedWith, gone, devices.size], [4409, ["phone-3"], 8]);
    assert.throws(() => devices.arrive(fakeDevice(ada, "ninth", clock).device, now), { code: "TOO_MANY_DEVICES" });
    devices.arrive(fakeDevice(bea, "ninth", clock).device, now);
    assert.equal(devices.size, 9);
  });

  it("[PR3] a ninth takes the place of one that has not answered a ping for 25 s", () => {
    const devices = new Devices(new Attendance(clock), () => undefined);
    const eight = Array.from({ length: 8 }, (_, n) => fakeDevice(ada, `phone-${n}`, clock));
    for (const { device } of eight) devices.arrive(device, now);
    now += 25_001;
    for (const { client } of eight.filter((_, n) => n !== 5)) client.ref.emit("pong");
    devices.arrive(fakeDevice(ada, "ninth", clock).device, now);
    assert.deepEqual(
      eight.map(({ client }) => client.closedWith),
      [undefined, undefined, undefined, undefined, undefined, 4409, undefined, undefined],
    );
  });

  it("[PR4] is warned 60 s before its token ends, once, and closed 4401 at the end", () => {
    const attendance = new Attendance(clock);
    const { client, device } = fakeDevice(ada, "phone", clock);
    attendance.arrive(device);
    now = device.expiresAt - 60_001;
    attendance.look();
    assert.deepEqual(client.sent, []);
    now += 1;
    mock.timers.tick(2000);
    assert.deepEqual(client.sent, [["session.expiring", { at: new Date(device.expiresAt).toISOString() }]]);
    now = device.expiresAt;
    attendance.look();
    assert.equal(client.closedWith, 4401);
    attendance.depart(device);
  });

  it("[PR5] goes with the session it came by, and no other does", () => {
    const attendance = new Attendance(clock);
    const [one, two] = [fakeDevice(ada, "one", clock, sessionId(1)), fakeDevice(ada, "two", clock, sessionId(2))];
    for (const { device } of [one, two]) attendance.arrive(device);
    attendance.endSessions([sessionId(2)]);
    assert.deepEqual([one.client.closedWith, two.client.closedWith], [undefined, 4401]);
    for (const { device } of [one, two]) attendance.depart(device);
  });
});

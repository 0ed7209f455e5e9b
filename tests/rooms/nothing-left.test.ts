import assert from "node:assert/strict";
import { queryObjects } from "node:v8";
import type { ColyseusTestServer } from "@colyseus/testing";
import { Device } from "../../rooms/device.ts";
import { DurableRoom } from "../../rooms/durable/durable-room.ts";
import { Members } from "../../rooms/members.ts";
import { Presence } from "../../rooms/presence.ts";
import { CLOSE } from "../../schema/wire/errors.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { eventually } from "../support/embedded.ts";
import { RoomsWorld } from "../support/rooms-world.ts";
import { ada, bea, pair } from "../support/twins.ts";

/** Each with two phones, so that two hundred come and go. */
const VISITS = 100;

/** After so many the room is given up, and the next phone opens another. */
const VISITS_A_ROOM = 10;

const count = (kind: Parameters<typeof queryObjects>[0]): number => Number(queryObjects(kind, { format: "count" }));

const Timer = Object(setTimeout(() => undefined, 0)).constructor;

/** What is alive after everything unneeded was collected. */
function alive(): Readonly<Record<string, number>> {
  return {
    devices: count(Device),
    rooms: count(DurableRoom),
    members: count(Members),
    presences: count(Presence),
    timers: count(Timer),
  };
}

describe("what phones leave behind", function () {
  this.timeout(120_000);
  let world: RoomsWorld;
  let colyseus: ColyseusTestServer;

  before(async () => {
    world = new RoomsWorld();
    // Read only now: it puts what it finds in .env files over the environment.
    const { ColyseusTestServer: TestServer } = await import("@colyseus/testing");
    Reflect.set(world.realtime.server, "port", await world.start());
    colyseus = new TestServer(world.realtime.server);
  });
  after(() => world.stop());

  async function join(userId: UserId, name = "pair") {
    const reservation = await world.reserve(userId, name, { deviceId: `phone of ${userId}` });
    colyseus.sdk.auth.token = userId;
    const room = await colyseus.sdk.consumeSeatReservation(reservation);
    room.reconnection.enabled = false;
    room.onMessage("*", () => undefined);
    return room;
  }

  /** Two come, one types and says something, both go: one by a word, one as if its battery had died. */
  async function visit(n: number): Promise<void> {
    const [one, other] = [await join(ada), await join(bea)];
    one.send("chat.typing", { on: true });
    await one.request("chat.send", { key: `visit ${n}`, text: "here" });
    other.connection.close();
    await one.leave();
  }

  async function giveUp(): Promise<void> {
    const room = world.rooms.seats.present(pair(1));
    await eventually(() => room?.devices === 0);
    await room?.move(CLOSE.moved);
    await eventually(() => world.rooms.seats.presentRooms().length === 0);
  }

  async function visits(from: number, to: number): Promise<void> {
    for (let n = from; n < to; n++) {
      await visit(n);
      if (n % VISITS_A_ROOM === VISITS_A_ROOM - 1) await giveUp();
    }
  }

  it("[SK1] two hundred phones that came and went, and ten rooms, leave no device, room, presence or timer", async () => {
    await visits(0, 2 * VISITS_A_ROOM);
    const before = alive();
    await visits(2 * VISITS_A_ROOM, 2 * VISITS_A_ROOM + VISITS);
    // What was left of tests before this one, and of its own first visits, may go meanwhile.
    for (const [kind, count] of Object.entries(alive())) assert.ok(count <= (before[kind] ?? 0), `${count} ${kind}`);
    assert.deepEqual(world.reported, []);
  });
});

import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import type { ColyseusTestServer } from "@colyseus/testing";
import { Poison } from "../../rooms/durable/journal.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { closeOf, RoomsWorld } from "../support/rooms-world.ts";
import { ada, bea, pair } from "../support/twins.ts";

describe("the room of a pair, in one process", () => {
  let world: RoomsWorld;
  let colyseus: ColyseusTestServer;
  const rooms: Room[] = [];

  before(async () => {
    world = new RoomsWorld();
    // Read only now: it puts what it finds in .env files over the environment.
    const { ColyseusTestServer: TestServer } = await import("@colyseus/testing");
    Reflect.set(world.realtime.server, "port", await world.start());
    colyseus = new TestServer(world.realtime.server);
  });
  afterEach(async () => {
    world.trouble = undefined;
    await Promise.all(rooms.splice(0).map(async (room) => room.connection.isOpen && room.leave()));
  });
  after(() => world.stop());

  async function join(userId: UserId, deviceId: string, name = "pair"): Promise<Room> {
    const reservation = await world.reserve(userId, name, { deviceId });
    colyseus.sdk.auth.token = userId;
    const room = await colyseus.sdk.consumeSeatReservation(reservation);
    room.reconnection.enabled = false;
    room.onMessage("*", () => undefined);
    rooms.push(room);
    return room;
  }
  const send = (room: Room, key: string) => room.request("chat.send", { key, text: key });
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "answered",
      (error) => Object(error).reason?.code,
    );

  it("[P4] sixty first joins at once find one room", async () => {
    const seats = await Promise.all(
      Array.from({ length: 60 }, (_, n) => world.reserve(n % 2 ? ada : bea, "pair", { deviceId: `d${n}` })),
    );
    assert.equal(new Set(seats.map(({ roomId }) => roomId)).size, 1);
    assert.equal(colyseus.getRoomById(seats[0]?.roomId ?? "").roomId, `${pair(1)}_1`);
  });

  it("[P5] while the database does not answer nothing is acknowledged, and then the same key goes through", async () => {
    const room = await join(ada, "phone");
    world.trouble = () => {
      throw new Error("connection refused");
    };
    const refusal = await send(room, "patient").then(
      () => undefined,
      (error) => Object(error).reason,
    );
    assert.equal(refusal.code, "UNAVAILABLE");
    assert.ok(refusal.retryAfterMs > 0);
    world.trouble = undefined;
    const sent = await send(room, "patient");
    assert.deepEqual([sent.duplicate, world.journal.history(pair(1)).rows.length], [false, sent.seq]);
  });

  it("[JO6] a command that poisons the batch is refused, reported, and takes nobody along", async () => {
    const room = await join(ada, "phone");
    let isPoisonous = true;
    world.trouble = (call) => {
      if (call === "append" && isPoisonous) {
        isPoisonous = false;
        throw new Poison("SQLSTATE 22P05");
      }
    };
    assert.equal(await codeOf(send(room, "poison")), "INTERNAL_SERVER_ERROR");
    assert.equal(await codeOf(send(room, "antidote")), "answered");
    assert.ok(world.reported.some((error) => error instanceof Poison));
  });

  it("[P4] a room whose pair another process took sends its devices to it with 4412, and they lose nothing", async () => {
    const room = await join(ada, "phone");
    const { seq } = await send(room, "before");
    world.takeOver(pair(1));
    const closed = closeOf(room);
    assert.equal(await codeOf(send(room, "after")), "UNAVAILABLE");
    assert.equal(await closed, 4412);
    const next = await join(ada, "phone");
    assert.notEqual(next.roomId, room.roomId);
    assert.equal((await send(next, "after")).seq, seq + 1);
    assert.deepEqual(await send(next, "before").then((again) => [again.seq, again.duplicate]), [seq, true]);
  });

  it("[P4] [P10] a room whose history went back behind what it knows gives the pair up: what was lost is news to nobody", async () => {
    const room = await join(ada, "phone");
    const { seq } = await send(room, "kept by all");
    const rewind = world.journal.rewinding(pair(1));
    await send(room, "lost with the tail");
    rewind();
    const closed = closeOf(room);
    assert.equal(await codeOf(send(room, "said into it")), "UNAVAILABLE");
    assert.equal(await closed, 4412);
    const next = await join(ada, "phone");
    const again = await send(next, "lost with the tail");
    assert.deepEqual([again.seq, again.duplicate], [seq + 1, false]);
  });

  it("[P12] what was there when the last owner died, nobody knows: the twin is unknown", async () => {
    await world.rooms.seats.present(pair(1))?.move(4412);
    world.takeOver(pair(1));
    const room = await join(ada, "phone");
    await new Promise<void>((resolve) => {
      const look = () => Object(room.state).members?.get(bea)?.status === "unknown" && resolve();
      room.onStateChange(look);
      look();
    });
  });

  it("[PR8] a room outlives its sockets, and gives the pair back when it goes", async () => {
    const room = await join(ada, "phone");
    await room.leave();
    const present = await world.rooms.seats.present(pair(1));
    assert.equal(present?.roomId, room.roomId);
    assert.notEqual(world.ownerOf(pair(1)), null);
    await present?.move(4412);
    assert.equal(world.ownerOf(pair(1)), null);
    assert.equal(await world.rooms.seats.present(pair(1)), undefined);
  });

  it("[PA10] eight of a person may wait, each in a room of its own, and hear at once of a pair that is there", async () => {
    const waiting = await Promise.all(Array.from({ length: 8 }, (_, n) => join(ada, `w${n}`, "waiting")));
    assert.equal(new Set(waiting.map(({ roomId }) => roomId)).size, 8);
    await assert.rejects(join(ada, "ninth", "waiting"), { code: "TOO_MANY_DEVICES" });
    const late = await world.reserve(bea, "waiting", { deviceId: "b" });
    colyseus.sdk.auth.token = bea;
    const room = await colyseus.sdk.consumeSeatReservation(late);
    rooms.push(room);
    const news = await new Promise<{ pairId: string }>((resolve) => room.onMessage("pair.opened", resolve));
    assert.equal(news.pairId, pair(1));
  });
});

import assert from "node:assert/strict";
import { NoAnswer, Refused } from "../../client/retry.ts";
import { settled } from "./support/fake-platform.ts";
import { bea, PAIR } from "./support/messages.ts";
import { World } from "./support/world.ts";

const AT = "2026-01-01T00:00:00.000Z";
const moment = { id: "m", type: "sync", at: AT, confidence: 1, feelings: [] };
const pressed = { id: "p", at: AT, uncertaintyMs: 20 };

describe("what is felt, on a device", () => {
  it("[FE1] a press says when it was, by the device's own clock, and which word; the moment comes with it or as an event", async () => {
    const { world, socket } = await World.opened();
    world.rooms.on("twintuition.press", () => ({ ...pressed, moment }));
    assert.deepEqual(await world.room.press("joy"), { ...pressed, moment });
    const [asked] = socket.all("twintuition.press");
    assert.deepEqual(asked, {
      pressedAt: world.platform.now(),
      feeling: "joy",
      key: asked?.["key"],
      pairId: PAIR,
    });
    const heard: unknown[] = [];
    world.room.onMoment((one) => heard.push(one));
    world.room.onAlert((one) => heard.push(one));
    const alert = { id: "a", senderId: bea, kind: "thought", sentAt: AT };
    socket.say("twintuition.moment", { moment });
    socket.say("twintuition.alert", { alert });
    socket.say("twintuition.moment", { nothing: true });
    assert.deepEqual(heard, [moment, alert]);
    assert.equal(world.reported.length, 1);
  });

  it("[FE2] is asked again under its key for two seconds, and not done later on somebody's behalf", async () => {
    const { world, socket } = await World.opened();
    let refusals = 0;
    world.rooms.on("twintuition.press", () => {
      refusals += 1;
      if (refusals < 3) throw new Refused("UNAVAILABLE", "soon", { retryAfterMs: 300 });
      return pressed;
    });
    const press = world.room.press();
    await world.platform.pass(1500);
    assert.deepEqual(await press, pressed);
    const keys = socket.all("twintuition.press").map(({ key, pressedAt }) => `${key} ${pressedAt}`);
    assert.deepEqual([keys.length, new Set(keys).size], [3, 1]);

    world.rooms.on("twintuition.press", () => {
      throw new NoAnswer("no network");
    });
    const late = world.room.press().catch((error: unknown) => error);
    await world.platform.pass(3000);
    assert.ok((await late) instanceof NoAnswer);
    assert.deepEqual(world.room.pending, []);
  });

  it("[FE2] what is refused for good is refused at once", async () => {
    const { world } = await World.opened();
    world.rooms.on("twintuition.alert", () => {
      throw new Refused("GONE", "not paired any more");
    });
    await assert.rejects(world.room.alert({ kind: "thought" }), { code: "GONE" });
  });

  it("[FE3] the server learns this device's clock as soon as the room is open: eight questions, one after the other", async () => {
    const { world, socket } = await World.opened();
    await settled();
    await world.platform.pass(100);
    assert.equal(socket.all("clock.sync").length, 1 + 8);
    assert.deepEqual(Object.keys(socket.all("clock.sync")[1] ?? {}), ["t0"]);
  });
});

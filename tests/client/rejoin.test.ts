import assert from "node:assert/strict";
import { Rejoin, type Tokens } from "../../client/rejoin.ts";
import { afterClose, backOff, CLOSE, NoAnswer, Refused } from "../../client/retry.ts";
import { FakePlatform, settled } from "./support/fake-platform.ts";
import { FakeRooms } from "./support/fake-room.ts";

class Desk {
  readonly platform = new FakePlatform();
  readonly rooms = new FakeRooms();
  readonly told: string[] = [];
  readonly rejected: string[] = [];
  newToken: Tokens["tokenInsteadOf"] = async () => "second";
  hasPlace = false;
  readonly rejoin = new Rejoin({
    room: "pair",
    platform: this.platform,
    tokens: {
      token: async () => "first",
      tokenInsteadOf: (rejected) => {
        this.rejected.push(rejected);
        return this.newToken(rejected);
      },
    },
    connect: this.rooms.connect,
    options: () => (this.hasPlace ? { afterVersion: 7 } : {}),
    refusedOptions: () => {
      const had = this.hasPlace;
      this.hasPlace = false;
      return had;
    },
    live: () => undefined,
    heard: () => undefined,
    state: () => undefined,
    lost: () => undefined,
    ended: (ending) => this.told.push(ending.why === "refused" ? ending.refusal.code : ending.why),
    status: () => undefined,
    report: (error) => this.told.push(String(error)),
  });

  static async live(): Promise<Desk> {
    const desk = new Desk();
    desk.rejoin.start();
    await settled();
    await desk.platform.pass(60_000);
    return desk;
  }

  /** When it joined again after a close with this code, in milliseconds; undefined if it did not. */
  async backAfter(code: number): Promise<number | undefined> {
    const count = this.rooms.sockets.length;
    const closed = this.platform.now();
    this.rooms.last.close(code);
    for (let ms = 0; ms <= 60_000; ms += 50) {
      await this.platform.pass(ms === 0 ? 0 : 50);
      if (this.rooms.sockets.length > count) return this.platform.now() - closed;
    }
    return undefined;
  }
}

describe("coming back to a room", () => {
  for (const [code, why] of [
    [CLOSE.left, "left"],
    [CLOSE.unpaired, "closed"],
    [CLOSE.replaced, "replaced"],
  ] as const) {
    it(`[RJ1] ${code}: it stays away and says that it was ${why}`, async () => {
      const desk = await Desk.live();
      assert.equal(await desk.backAfter(code), undefined);
      assert.deepEqual(desk.told, [why]);
      assert.equal(desk.rejoin.isRunning, false);
    });
  }

  for (const [code, what] of [
    [CLOSE.moved, "the room moved"],
    [CLOSE.tooSlow, "it read too slowly"],
  ] as const) {
    it(`[RJ1] ${code}: ${what}, it joins again at once, but not as fast as it can`, async () => {
      const desk = await Desk.live();
      const back = [await desk.backAfter(code), await desk.backAfter(code), await desk.backAfter(code)];
      assert.deepEqual(back.slice(0, 2), [0, 0]);
      assert.ok(Number(back[2]) > 0, "a room that sends everybody away all the time is left some peace");
    });
  }

  it("[RJ1] 4401: it joins again with a new token", async () => {
    const desk = await Desk.live();
    assert.equal(await desk.backAfter(CLOSE.signedOut), 0);
    assert.deepEqual(desk.rejected, ["first"]);
    assert.equal(desk.rooms.last.token, "second");
  });

  it("[RJ1] 4401 for a session that is over: somebody has to sign in", async () => {
    const desk = await Desk.live();
    desk.newToken = async () => Promise.reject(new Refused("AUTH_TOKEN_REVOKED", ""));
    assert.equal(await desk.backAfter(CLOSE.signedOut), undefined);
    assert.deepEqual(desk.told, ["signed out"]);
  });

  it("[RJ1] 4429: it comes back slower than after anything else", async () => {
    const desk = await Desk.live();
    const back = await desk.backAfter(CLOSE.flooding);
    assert.ok(back !== undefined && back >= 5000, `${back}`);
  });

  it("[RJ1] 4503: it comes back when it was asked to, and without a time in 1 to 5 s", async () => {
    const desk = await Desk.live();
    desk.rooms.last.say("server.draining", { reconnectAfterMs: 2300 });
    assert.equal(await desk.backAfter(CLOSE.draining), 2300);
    for (const chance of [0, 0.999]) {
      const next = afterClose({ code: CLOSE.draining, reconnectAfterMs: undefined, shortLived: 0 }, () => chance);
      assert.ok(next.go === "rejoin" && next.inMs >= 1000 && next.inMs <= 5000);
    }
  });

  it("[RJ1] [P7] a line that broke is made anew within half a second, then less and less often, up to 30 s", async () => {
    const desk = await Desk.live();
    const back = await desk.backAfter(1006);
    assert.ok(back !== undefined && back <= 500, `${back}`);
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 20, 2000].map((tries) => backOff(tries, () => 1));
    assert.deepEqual(longest, [400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000]);
    const shortest = [1, 2, 3].map((tries) => backOff(tries, () => 0));
    assert.deepEqual(shortest, [100, 200, 400], "phones that lost the same server do not come back in step");
  });

  it("[RJ2] a seat refused for now is asked for again, not before it was told to", async () => {
    const desk = new Desk();
    desk.rooms.refusals.push(new Refused("UNAVAILABLE", "", { retryAfterMs: 4000 }), new NoAnswer("lost"));
    desk.rejoin.start();
    await desk.platform.pass(3999);
    assert.equal(desk.rooms.sockets.length, 0);
    await desk.platform.pass(10_000);
    assert.equal(desk.rooms.sockets.length, 1);
  });

  for (const [code, why] of [
    ["NOT_PAIRED", "not paired"],
    ["TOO_MANY_DEVICES", "TOO_MANY_DEVICES"],
    ["ACCOUNT_SUSPENDED", "ACCOUNT_SUSPENDED"],
    ["AUTH_REQUIRED", "signed out"],
  ] as const) {
    it(`[RJ2] a seat refused with ${code} ends it, and is said`, async () => {
      const desk = new Desk();
      desk.hasPlace = true;
      desk.rooms.refusals.push(new Refused(code, ""));
      desk.rejoin.start();
      await desk.platform.pass(60_000);
      assert.deepEqual([desk.told, desk.rooms.sockets.length], [[why], 0]);
    });
  }

  it("[RJ2] a seat refused because of the token is asked for with a new one, and not for ever", async () => {
    const desk = new Desk();
    desk.rooms.refusals.push(new Refused("AUTH_TOKEN_EXPIRED", ""));
    desk.rejoin.start();
    await desk.platform.pass(1000);
    assert.equal(desk.rooms.last.token, "second");

    const other = new Desk();
    other.rooms.refusals.push(...Array.from({ length: 9 }, () => new Refused("AUTH_TOKEN_INVALID", "")));
    other.rejoin.start();
    await other.platform.pass(60_000);
    assert.deepEqual(other.told, ["signed out"]);
  });

  it("[RJ3] a place that the room refuses is forgotten, and it joins as if it knew nothing", async () => {
    const desk = new Desk();
    desk.hasPlace = true;
    desk.rooms.refusals.push(new Refused("NOT_FOUND", ""));
    desk.rejoin.start();
    await desk.platform.pass(1000);
    assert.deepEqual(desk.rooms.last.options, {});

    const other = new Desk();
    other.rooms.refusals.push(new Refused("NOT_FOUND", ""));
    other.rejoin.start();
    await other.platform.pass(1000);
    assert.deepEqual(other.told, ["NOT_FOUND"]);
  });

  it("[RJ3] waking up ends every wait", async () => {
    const desk = await Desk.live();
    desk.rooms.refusals.push(...Array.from({ length: 12 }, () => new NoAnswer("no network")));
    desk.rooms.last.close(1006);
    await desk.platform.pass(40_000);
    desk.rooms.refusals.length = 0;
    assert.equal(desk.rooms.sockets.length, 1);
    desk.rejoin.wake();
    await settled();
    assert.equal(desk.rooms.sockets.length, 2);
  });

  it("[RJ3] whoever leaves while a connection is being made does not keep it", async () => {
    const desk = new Desk();
    const { promise, resolve } = Promise.withResolvers<void>();
    desk.rooms.gate = promise;
    desk.rejoin.start();
    await settled();
    desk.rejoin.stop(CLOSE.left);
    resolve();
    await settled();
    assert.deepEqual(
      desk.rooms.sockets.map(({ isClosed }) => isClosed),
      [true],
    );
  });

  it("[RJ3] whoever leaves while joining is not let in afterwards, and can come again", async () => {
    const desk = new Desk();
    desk.rejoin.start();
    desk.rejoin.stop(CLOSE.left);
    await settled();
    assert.equal(desk.rooms.sockets.filter(({ isClosed }) => !isClosed).length, 0);
    desk.rejoin.start();
    await settled();
    assert.equal(desk.rooms.sockets.filter(({ isClosed }) => !isClosed).length, 1);
    assert.deepEqual(desk.told, []);
  });
});

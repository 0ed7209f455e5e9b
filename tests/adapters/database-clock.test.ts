import assert from "node:assert/strict";
import { type AskTime, clockOver, databaseClock } from "../../server/adapters/database/clock.ts";
import { temporaryDatabase } from "../support/postgres.ts";

const NOON = Date.UTC(2026, 10, 25, 12);

/** A database whose clock, and whose distance, we set. */
class World {
  /** Milliseconds on this machine's monotonic clock. */
  at = 1000;
  /** What the database's clock is ahead of it. */
  ahead = NOON - 1000;
  /** How long a question takes, and an answer. */
  way = { there: 5, back: 5 };
  isReachable = true;
  readonly warnings: [object, string][] = [];

  readonly ask: AskTime = async () => {
    if (!this.isReachable) throw new Error("away");
    this.at += this.way.there;
    const now = this.at + this.ahead;
    this.at += this.way.back;
    return now;
  };

  clock() {
    const log = { warn: (fields: object, message: string) => void this.warnings.push([fields, message]) };
    return clockOver(this.ask, { log, monotonic: () => this.at });
  }
}

describe("the database's clock", () => {
  it("[TI1] tells the database's time, right to half a round trip, whatever this machine thinks", async () => {
    const world = new World();
    const clock = world.clock();
    await clock.start();
    assert.equal(clock.now(), NOON - 1000 + world.at);
    world.way = { there: 0, back: 30 };
    await clock.start();
    assert.ok(Math.abs(clock.now() - (world.at + world.ahead)) <= 15);
    clock.stop();
  });

  it("[TI1] believes the quickest of several round trips", async () => {
    const world = new World();
    const ways = [
      { there: 900, back: 1 },
      { there: 1, back: 1 },
      { there: 300, back: 2 },
    ];
    let trip = 0;
    const ask: AskTime = () => {
      world.way = ways[trip++ % ways.length] ?? world.way;
      return world.ask();
    };
    const clock = clockOver(ask, { log: { warn: () => undefined }, monotonic: () => world.at });
    await clock.start();
    assert.equal(clock.now(), world.at + world.ahead);
    clock.stop();
  });

  it("[TI2] is trusted once it was measured, and no longer when the database has been silent for minutes", async () => {
    const world = new World();
    world.isReachable = false;
    const clock = world.clock();
    await clock.start();
    assert.equal(clock.isTrusted(), false);
    world.isReachable = true;
    await clock.start();
    assert.equal(clock.isTrusted(), true);
    world.at += 6 * 60_000;
    assert.equal(clock.isTrusted(), false);
    clock.stop();
  });

  it("[LO3] says once an outage that it could not be read, however often that is tried", async () => {
    const world = new World();
    const clock = world.clock();
    for (const isReachable of [false, false, false, true, false, false]) {
      world.isReachable = isReachable;
      await clock.start();
    }
    const said = world.warnings.filter(([, message]) => message === "the database's clock could not be read");
    assert.equal(said.length, 2);
    clock.stop();
  });

  it("[TI2] does not trust a database that answers too slowly to tell the time", async () => {
    const world = new World();
    world.way = { there: 1500, back: 1500 };
    const clock = world.clock();
    await clock.start();
    assert.equal(clock.isTrusted(), false);
    clock.stop();
  });

  it("[TI3] never runs backwards, and says so when it had to be held for more than five seconds", async () => {
    const world = new World();
    const clock = world.clock();
    await clock.start();
    world.warnings.length = 0;
    const before = clock.now();
    world.ahead -= 3_600_000;
    await clock.start();
    assert.equal(clock.now(), before);
    const [[fields, message] = [{}, ""]] = world.warnings;
    assert.deepEqual(fields, { jump: -3_600_000 });
    assert.match(message, /jumped/);
    world.at += 3_700_000;
    assert.ok(clock.now() > before, "it goes on once the other has caught up");
    clock.stop();
  });

  it("[TI3] is not held by what this machine thought before it asked", async () => {
    const world = new World();
    world.ahead = Date.now() - world.at - 600_000;
    const clock = world.clock();
    assert.ok(clock.now() > world.at + world.ahead + 500_000, "this machine is ten minutes ahead");
    await clock.start();
    assert.equal(clock.now(), world.at + world.ahead);
    clock.stop();
  });

  it("[TI1] is PostgreSQL's own", async () => {
    const opened = await temporaryDatabase();
    const clock = databaseClock(opened.pool, { log: { warn: () => undefined } });
    await clock.start();
    const before = clock.now();
    const { rows } = await opened.pool.query("select extract(epoch from clock_timestamp())::float8 * 1000 as now");
    // Half a round trip, on a machine that has other things to do.
    assert.ok(before - 100 <= rows[0].now && rows[0].now <= clock.now() + 100);
    assert.ok(Number.isInteger(clock.now()));
    clock.stop();
    await opened.close();
  });
});

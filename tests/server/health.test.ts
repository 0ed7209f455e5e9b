import assert from "node:assert/strict";
import { health } from "../../server/health.ts";
import { stopwatch } from "../support/stopwatch.ts";

interface Faked {
  readonly ask?: () => Promise<unknown>;
  readonly isTrusted?: boolean;
  readonly isStopping?: boolean;
  readonly isUp?: boolean;
  readonly isGreeted?: boolean;
  readonly isCutOff?: boolean;
  readonly isRealtime?: boolean;
}

/** A process of which all is well but for what is said. */
function processOf({ ask = async () => undefined, ...of }: Faked = {}) {
  return health({
    pool: { query: ask },
    clock: { isTrusted: () => of.isTrusted ?? true },
    lifecycle: { isStopping: of.isStopping ?? false },
    redis: of.isUp === undefined ? undefined : { isUp: () => of.isUp ?? true },
    neighbours: { isGreeted: () => of.isGreeted ?? true, isCutOff: () => of.isCutOff ?? false },
    isRealtime: () => of.isRealtime ?? true,
  });
}

const away = () => Promise.reject(new Error("away"));
const silent = () => new Promise<never>(() => undefined);

describe("how a process is", () => {
  it("[HE1] is ready if nothing keeps new work away", async () => {
    assert.deepEqual(await processOf().notReady(), []);
    assert.deepEqual(await processOf({ isUp: false, isCutOff: true }).notReady(), [], "it serves without them");
  });

  it("[HE1] names everything that keeps new work away, by words", async () => {
    assert.deepEqual(await processOf({ isRealtime: false }).notReady(), ["starting"]);
    assert.deepEqual(await processOf({ isTrusted: false }).notReady(), ["clock"]);
    assert.deepEqual(await processOf({ isGreeted: false }).notReady(), ["neighbours"]);
    assert.deepEqual(await processOf({ ask: away }).notReady(), ["database"]);
    const all = processOf({ ask: away, isTrusted: false, isGreeted: false, isRealtime: false });
    assert.deepEqual(await all.notReady(), ["starting", "clock", "neighbours", "database"]);
  });

  it("[HE1] about to go it says so at once, and asks nobody", async () => {
    assert.deepEqual(await processOf({ isStopping: true, ask: () => assert.fail() }).notReady(), ["draining"]);
  });

  it("[HE2] a database that does not answer within a second is away, and is asked twice a second at most", async () => {
    let asked = 0;
    const one = processOf({
      ask: () => {
        asked++;
        return silent();
      },
    });
    const took = stopwatch();
    assert.deepEqual(await Promise.all([one.notReady(), one.notReady()]), [["database"], ["database"]]);
    assert.ok(took() < 1500);
    assert.equal(asked, 1);
  });

  it("[HE3] is healthy if all that it would like to have is there, and says what is away if not", async () => {
    const statusOf = async (faked: Faked) => {
      const { status, services } = await processOf(faked).health();
      return [status, services.database, services.redis, services.realtime];
    };
    assert.deepEqual(await statusOf({}), ["healthy", "connected", "not configured", "ready"]);
    assert.deepEqual(await statusOf({ isUp: true }), ["healthy", "connected", "connected", "ready"]);
    assert.deepEqual(await statusOf({ isUp: false }), ["degraded", "connected", "unavailable", "ready"]);
    assert.deepEqual(await statusOf({ isCutOff: true }), ["degraded", "connected", "not configured", "cut off"]);
    assert.deepEqual(await statusOf({ isRealtime: false }), ["degraded", "connected", "not configured", "not ready"]);
    assert.deepEqual(await statusOf({ ask: away }), ["degraded", "unavailable", "not configured", "ready"]);
  });
});

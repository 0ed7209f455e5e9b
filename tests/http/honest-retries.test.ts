import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { idempotency } from "../../domain/idempotency.ts";
import { LIMITS } from "../../domain/limits.ts";
import type { Caller, Database } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { chance } from "../../server/chance.ts";
import { HttpWorld } from "../support/http.ts";
import { PairingWorld } from "../support/pairing-world.ts";

const CODE = "/api/v1/twins/code";

/** Real pairing and real keys on a real PostgreSQL, behind real HTTP; what goes wrong is the test's. */
describe("an honest retry under its key", function () {
  this.timeout(60_000);
  let world: PairingWorld;
  let ada: Caller;
  const open: HttpWorld[] = [];
  before(async () => {
    world = await PairingWorld.open();
  });
  beforeEach(async () => {
    ada = await world.person();
  });
  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));
  after(() => world.close());

  async function serving(database: Database, limits = memoryLimits(LIMITS)): Promise<HttpWorld> {
    const http = await HttpWorld.open({
      authenticate: async () => ada,
      pairing: world.on(database),
      idempotency: idempotency({ database, clock: world.clock, chance }),
      clock: world.clock,
      limits,
    });
    open.push(http);
    return http;
  }

  const asking = (http: HttpWorld) => http.call("POST", CODE, { as: "ada", headers: { "idempotency-key": "K" } });

  const codes = async () =>
    (await world.sql("select code from invitations where inviter_id = $1", [ada.userId])).map((row) => row["code"]);

  it("[LI2] gets through once the limit lets it, with one effect", async () => {
    const limits = memoryLimits({ ...LIMITS, requests: { points: 2, withinMs: 60_000 } });
    const http = await serving(world.opened.database, limits);
    await limits.take("requests", ada.userId, 2);
    const refused = await asking(http);
    assert.deepEqual([refused.status, refused.body.error.code], [429, "RATE_LIMIT_EXCEEDED"]);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    // As if Retry-After had passed.
    await limits.clear("requests", ada.userId);
    const answers = [await asking(http), await asking(http)];
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.code]),
      (await codes()).flatMap((code) => [
        [201, code],
        [201, code],
      ]),
    );
  });

  const unavailable = () => new Refusal("UNAVAILABLE", "Not now");

  it("[ID3] gets through once the database is back, wherever it went away in between", async () => {
    const { database } = world.opened;
    const ways: [what: string, away: Database["transaction"]][] = [
      ["before anything", () => Promise.reject(unavailable())],
      [
        "before the commit",
        (work) =>
          database.transaction(async (...given) => {
            await work(...given);
            throw unavailable();
          }),
      ],
    ];
    for (const [what, away] of ways) {
      ada = await world.person();
      let isAway = true;
      const transaction: Database["transaction"] = (work) => (isAway ? away(work) : database.transaction(work));
      const http = await serving({ read: database.read, transaction });
      const refused = await asking(http);
      assert.deepEqual([refused.status, refused.body.error.code], [503, "UNAVAILABLE"], what);
      assert.ok(Number(refused.headers.get("retry-after")) > 0, what);
      assert.deepEqual(await codes(), [], what);
      isAway = false;
      const { status, body } = await asking(http);
      assert.deepEqual([status, [body.code]], [201, await codes()], what);
    }
  });

  it("[ID1] finds its first answer when the line was cut before it came", async () => {
    const { database } = world.opened;
    const [working, going] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const transaction: Database["transaction"] = (work) =>
      database.transaction(async (...given) => {
        const done = await work(...given);
        working.resolve();
        await going.promise;
        return done;
      });
    const http = await serving({ read: database.read, transaction });
    const headers = { authorization: "Bearer ada", "idempotency-key": "K" };
    const cut = request({ port: http.port, path: CODE, method: "POST", headers }).end();
    cut.on("error", () => undefined);
    const [, answer] = await once(http.http, "request");
    await working.promise;
    const gone = once(answer, "close");
    cut.destroy();
    await gone;
    const retried = asking(http);
    going.resolve();
    const { status, body } = await retried;
    assert.deepEqual([status, [body.code]], [201, await codes()]);
    assert.deepEqual(http.reported, []);
  });
});

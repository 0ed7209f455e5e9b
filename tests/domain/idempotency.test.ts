import assert from "node:assert/strict";
import { type IdempotencyDeps, idempotency, type KeptAnswer, type KeyedCall } from "../../domain/idempotency.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { chance } from "../../server/chance.ts";
import { code } from "../support/accounts-world.ts";
import { PairingWorld } from "../support/pairing-world.ts";

const DAY_MS = 86_400_000;
/** Three of them are the domain's. */
const CONNECTIONS = 8;

/** Patience that ends when the test says so. */
class FakePatience {
  readonly #asked: (() => void)[] = [];
  readonly give: NonNullable<IdempotencyDeps["patience"]> = () => {
    const { promise: over, resolve } = Promise.withResolvers<"over">();
    let isOver = false;
    this.#asked.push(() => {
      isOver = true;
      resolve("over");
    });
    return { over, isOver: () => isOver, end: () => undefined };
  };
  runOut(): void {
    for (const end of this.#asked.splice(0)) end();
  }
}

/** Idle, the transaction would be ended for it. */
async function busyUntil(end: Promise<unknown>, work: () => Promise<unknown>): Promise<void> {
  let isOver = false;
  const stop = () => {
    isOver = true;
  };
  end.then(stop, stop);
  while (!isOver) await work();
  await end;
}

describe("calls under a key", function () {
  this.timeout(60_000);
  let world: PairingWorld;
  let ada: UserId;
  let keys = 0;
  const patience = new FakePatience();
  before(async () => {
    world = await PairingWorld.open(CONNECTIONS);
    await world.sql("create table effects (key text)");
  });
  beforeEach(async () => {
    ({ userId: ada } = await world.person());
  });
  after(() => world.close());

  /** As another process on the same database has it. */
  const node = (deps: Partial<IdempotencyDeps> = {}) =>
    idempotency({ database: world.opened.database, clock: world.clock, chance, ...deps });
  const call = (more: Partial<KeyedCall> = {}): KeyedCall => ({
    userId: ada,
    key: `key ${++keys}`,
    place: "POST /api/v1/twins/code",
    body: {},
    ...more,
  });

  /** Something that is done, and says which time it was. */
  const effect =
    (key: string, meanwhile: Promise<unknown> = Promise.resolve()) =>
    (): Promise<KeptAnswer> =>
      world.opened.database.transaction(async (em) => {
        const run = (sql: string) => em.getConnection().execute(sql, [key], "all", em.getTransactionContext());
        await run("insert into effects values (?)");
        await busyUntil(meanwhile, () => run("select pg_sleep(0.02), ?::text"));
        const { length } = await run("select from effects where key = ?");
        return { status: 201, headers: { ETag: '"1"' }, reply: { z: length, a: { y: 1, b: [{ x: 1, c: 2 }] } } };
      });
  const effects = async (key: string) => (await world.sql("select from effects where key = $1", [key])).length;

  it("[ID1] the answer is given again, field for field, and the effect is one", async () => {
    const asked = call();
    const { once } = node();
    const first = await once(asked, effect(asked.key));
    const again = await once(asked, effect(asked.key));
    const elsewhere = await node().once(asked, effect(asked.key));
    for (const answer of [again, elsewhere]) assert.equal(JSON.stringify(answer), JSON.stringify(first));
    assert.equal(await effects(asked.key), 1);
  });

  it("[ID1] asked fifty times at once, here and in another process", async () => {
    const asked = call();
    const nodes = [node(), node()];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => nodes[n % 2]?.once(asked, effect(asked.key))),
    );
    assert.deepEqual([new Set(answers.map((one) => JSON.stringify(one))).size, await effects(asked.key)], [1, 1]);
  });

  it("[ID2] another body or place under the key is ID_REUSED; fields in another order are the same body", async () => {
    const asked = call({ body: { a: 1, b: { c: [1, 2], d: null } } });
    const { once } = node();
    await once(asked, effect(asked.key));
    const others = [
      { a: 1 },
      { a: 1, b: { c: [2, 1], d: null } },
      { a: 1, b: { c: [1, 2] } },
      {
        a: 1,
        b: [
          ["c", [1, 2]],
          ["d", null],
        ],
      },
    ];
    for (const body of others) await assert.rejects(once({ ...asked, body }, effect(asked.key)), code("ID_REUSED"));
    await assert.rejects(once({ ...asked, place: "DELETE /api/v1/twins" }, effect(asked.key)), code("ID_REUSED"));
    const turned = { b: { d: null, c: [1, 2] }, a: 1 };
    assert.equal((await once({ ...asked, body: turned }, effect(asked.key))).status, 201);
    const { userId: bea } = await world.person();
    assert.equal((await once({ ...asked, userId: bea, body: {} }, effect("bea's"))).status, 201);
    assert.deepEqual([await effects(asked.key), await effects("bea's")], [1, 1]);
  });

  it("[ID3] a refusal and a mistake leave nothing behind, and the honest retry gets through", async () => {
    const asked = call();
    const { once } = node();
    for (const error of [new Refusal("CONFLICT", "No"), new Error("a mistake")]) {
      const failing = async () => {
        await effect(asked.key)();
        throw error;
      };
      await assert.rejects(once(asked, failing), error);
      assert.equal(await effects(asked.key), 0);
    }
    assert.equal((await once({ ...asked, body: { other: true } }, effect(asked.key))).status, 201);
  });

  it("[ID4] who asks while it is under way waits for the answer, and holds no connection", async () => {
    const asked = call();
    const { once } = node();
    const { promise: meanwhile, resolve: finish } = Promise.withResolvers<void>();
    const waiting = Array.from({ length: 20 }, () => once(asked, effect(asked.key, meanwhile)));
    // All others but the one that works: were they to wait in the database, nobody would be left to answer this.
    assert.equal(await effects(asked.key), 0);
    finish();
    assert.equal(new Set((await Promise.all(waiting)).map((one) => JSON.stringify(one))).size, 1);
    assert.equal(await effects(asked.key), 1);
  });

  it("[ID4] when the first fails, the next has its turn", async () => {
    const asked = call();
    const { once } = node();
    const { promise: meanwhile, reject: fail } = Promise.withResolvers<void>();
    meanwhile.catch(() => undefined);
    const first = once(asked, effect(asked.key, meanwhile));
    const next = once(asked, effect(asked.key));
    fail(new Refusal("CONFLICT", "No"));
    await assert.rejects(first, code("CONFLICT"));
    assert.equal((await next).status, 201);
    assert.equal(await effects(asked.key), 1);
  });

  it("[ID5] whose patience ends before the answer comes is told to ask again", async () => {
    const asked = call();
    const { once } = node({ patience: patience.give });
    const { promise: meanwhile, resolve: finish } = Promise.withResolvers<void>();
    const first = once(asked, effect(asked.key, meanwhile));
    const second = once(asked, effect(asked.key));
    patience.runOut();
    await assert.rejects(second, code("UNAVAILABLE"));
    finish();
    const answer = await first;
    assert.deepEqual(await once(asked, effect(asked.key)), answer);
    assert.equal(await effects(asked.key), 1);
  });

  it("[ID5] so too when it is another process that is at it, or one that hangs", async () => {
    const asked = call();
    const there = node();
    const here = node({ patience: patience.give });
    const { promise: meanwhile, resolve: finish } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const first = there.once(asked, () => {
      begin();
      return effect(asked.key, meanwhile)();
    });
    await begun;
    const second = here.once(asked, effect(asked.key));
    const waits = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while ((await world.sql(waits)).length === 0) await new Promise(setImmediate);
    patience.runOut();
    const outcome = await Promise.allSettled([second]);
    finish();
    await Promise.allSettled([first]);
    assert.ok(outcome[0]?.status === "rejected" && code("UNAVAILABLE")(outcome[0].reason));
    assert.equal((await here.once(asked, effect(asked.key))).status, 201);
    assert.equal(await effects(asked.key), 1);
  });

  it("[ID6] an answer is kept for a day, and then forgotten", async () => {
    const asked = call();
    const { once, purge } = node();
    await once(asked, effect(asked.key));
    world.clock.advance(DAY_MS);
    assert.equal(await purge(), 0);
    await once(asked, effect(asked.key));
    assert.equal(await effects(asked.key), 1);
    world.clock.advance(1);
    await once({ ...asked, body: { now: "other" } }, effect(asked.key));
    assert.equal(await effects(asked.key), 2);
    world.clock.advance(DAY_MS + 1);
    assert.ok((await purge()) > 0);
    assert.equal(await purge(), 0);
  });

  it("[ID7] nothing that was sent can be guessed from what is kept", async () => {
    const body = { password: "Correct-horse-1" };
    const [one, other] = [call({ body }), call({ body })];
    const { once } = node();
    await once(one, effect(one.key));
    await once(other, effect(other.key));
    const rows = await world.sql("select body_hash from idempotency_keys where user_id = $1", [ada]);
    assert.equal(new Set(rows.map((row) => row["body_hash"])).size, 2);
    assert.doesNotMatch(JSON.stringify(await world.sql("select * from idempotency_keys")), /horse/);
  });
});

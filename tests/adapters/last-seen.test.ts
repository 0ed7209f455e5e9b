import assert from "node:assert/strict";
import { UserId } from "../../schema/wire/ids.ts";
import { databasePeople } from "../../server/adapters/database/people.ts";
import { AccountsWorld, noon } from "../support/accounts-world.ts";

const PEOPLE = 20;

describe("when people were last seen", function () {
  this.timeout(60_000);
  let world: AccountsWorld;
  const people: UserId[] = [];
  let statements = 0;
  before(async () => {
    world = await AccountsWorld.open();
    world.opened.pool.on("acquire", () => void statements++);
    for (let n = 0; n < PEOPLE; n++) people.push(UserId.parse((await world.register()).user.id));
  });
  after(() => world.close());
  beforeEach(async () => {
    await world.sql("update users set last_seen_at = null");
    statements = 0;
  });

  const stored = async () => {
    const rows = await world.sql("select id, last_seen_at from users where last_seen_at is not null");
    return new Map(rows.map(({ id, last_seen_at: at }) => [id, at instanceof Date ? at.getTime() : at]));
  };

  it(`[CR5] is stored for ${PEOPLE} by two statements: the first who comes waits for nobody`, async () => {
    const { seen } = databasePeople(world.opened.pool);
    await Promise.all(people.map((userId, n) => seen(userId, noon + n)));
    assert.equal(statements, 2);
    assert.deepEqual(await stored(), new Map(people.map((userId, n) => [userId, noon + n])));
  });

  it("[CR5] never goes back, and of two times at once the later one counts", async () => {
    const { seen } = databasePeople(world.opened.pool);
    const [ada, bea] = people;
    if (!ada || !bea) assert.fail("there are people");
    await Promise.all([seen(bea, noon), seen(ada, noon + 5), seen(ada, noon + 7), seen(ada, noon + 6)]);
    await seen(ada, noon);
    assert.deepEqual(
      await stored(),
      new Map([
        [bea, noon],
        [ada, noon + 7],
      ]),
    );
  });

  it("[CR5] a row that somebody holds keeps nobody else waiting, and is written once it is free", async () => {
    const { seen } = databasePeople(world.opened.pool);
    const [held, ...others] = people;
    if (!held) assert.fail("there are people");
    const done: UserId[] = [];
    const noted = (userId: UserId, at: number) => seen(userId, at).then(() => void done.push(userId));
    await world.whileHeld("users", held, 1, () =>
      Promise.all([
        noted(others[0] ?? held, noon),
        noted(held, noon),
        ...others.map((userId) => noted(userId, noon + 1)),
      ]),
    );
    assert.deepEqual([done.length, done.at(-1)], [PEOPLE + 1, held]);
    assert.equal((await stored()).size, PEOPLE);
  });
});

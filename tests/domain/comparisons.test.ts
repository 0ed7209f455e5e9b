import assert from "node:assert/strict";
import type { Caller } from "../../domain/ports.ts";
import { allOf } from "../support/assessment-answers.ts";
import { AssessmentsWorld, codeOf } from "../support/assessments-world.ts";

describe("consents, and what two twins may see", () => {
  let world: AssessmentsWorld;
  let ada: Caller;
  let bea: Caller;
  before(async () => {
    world = await AssessmentsWorld.open();
  });
  after(() => world.close());
  beforeEach(async () => {
    [ada, bea] = await world.twins();
  });

  const agree = (who: Caller, twinDataMerging = true) => world.consents.change(who, { twinDataMerging });
  const look = (who: Caller) => world.comparisons.look(who, "en");

  async function comparable(): Promise<void> {
    await world.completed(ada, allOf(4));
    await world.completed(bea, allOf(4));
    await agree(ada);
    await agree(bea);
  }

  it("[CG1] every word is kept, the last one holds, and one said again adds nothing", async () => {
    assert.deepEqual(await world.consents.look(ada), { consents: { twinDataMerging: false }, history: [] });
    await agree(ada, false);
    await agree(ada);
    await agree(ada);
    await world.consents.change(ada, {});
    world.pairs.clock.advance(1000);
    const { consents, history } = await agree(ada, false);
    assert.equal(consents.twinDataMerging, false);
    assert.deepEqual(
      history.map(({ item, granted, version }) => [item, granted, version]),
      [
        ["twinDataMerging", false, "1"],
        ["twinDataMerging", true, "1"],
      ],
    );
    await agree(ada);
    assert.equal((await world.consents.look(ada)).history.length, 3);
    assert.equal((await world.consents.look(bea)).history.length, 0);
  });

  it("[CG1] of many who say the same at once, one is noted", async () => {
    await Promise.all(Array.from({ length: 6 }, () => agree(ada)));
    assert.equal((await world.consents.look(ada)).history.length, 1);
  });

  it("[CG1] nothing that was said can be changed afterwards, by whatever statement", async () => {
    await agree(ada);
    await assert.rejects(
      world.sql("update consents set granted = false where user_id = $1", [ada.userId]),
      /is written once/,
    );
  });

  it("[CG1] who agreed to other words than are asked now has not agreed", async () => {
    await world.sql(
      "insert into consents (user_id, item, granted, version, at) values ($1, 'twinDataMerging', true, '0', now())",
      [ada.userId],
    );
    assert.equal((await world.consents.look(ada)).consents.twinDataMerging, false);
  });

  it("[CG2] needs a twin, both twins' consent, and both twins' results", async () => {
    assert.equal(await codeOf(look(await world.person())), "NOT_PAIRED");
    assert.equal(await codeOf(look(ada)), "FORBIDDEN");
    await agree(ada);
    assert.equal(await codeOf(look(ada)), "FORBIDDEN");
    await agree(bea);
    assert.equal(await codeOf(look(ada)), "CONFLICT");
    await world.completed(ada, allOf(4));
    assert.equal(await codeOf(look(ada)), "CONFLICT");
    assert.equal(await codeOf(look(bea)), "CONFLICT");
    await world.completed(bea, allOf(4));
    assert.deepEqual(await look(ada), { access: "free", compatibility: 100 });
    assert.deepEqual(await look(bea), { access: "free", compatibility: 100 });
  });

  it("[CG2] compares the last completed of each, also while another one is open", async () => {
    await comparable();
    world.pairs.clock.advance(1000);
    await world.completed(
      ada,
      allOf((id) => (id.startsWith("EX") ? 7 : 4)),
    );
    await world.answer(ada, await world.begun(ada), allOf(1));
    const seen = await look(bea);
    assert.ok(seen.compatibility < 100 && seen.compatibility > 90);
    assert.deepEqual(await look(ada), seen);
  });

  it("[CG3] who withdraws is seen no more, at once, and neither sees the other", async () => {
    await comparable();
    await look(ada);
    await agree(bea, false);
    assert.equal(await codeOf(look(ada)), "FORBIDDEN");
    assert.equal(await codeOf(look(bea)), "FORBIDDEN");
  });

  it("[CG3] who parts has agreed to nothing, with the next twin as with the same one again", async () => {
    await comparable();
    await world.pairs.pairing.unpair(ada);
    for (const who of [ada, bea]) assert.equal((await world.consents.look(who)).consents.twinDataMerging, false);
    const eve = await world.person();
    await world.completed(eve, allOf(4));
    await agree(eve);
    await world.pairs.pairUp(eve, bea);
    assert.equal(await codeOf(look(eve)), "FORBIDDEN");
    assert.equal(await codeOf(look(ada)), "NOT_PAIRED");
  });

  it("[CG4] that somebody looked is noted with who and whom; a look that was refused is not", async () => {
    await comparable();
    const looks = () =>
      world.sql("select actor_id, subject_id from audit_log where action = 'results.compared' and subject_id = $1", [
        bea.userId,
      ]);
    await look(ada);
    assert.deepEqual(await looks(), [{ actor_id: ada.userId, subject_id: bea.userId }]);
    await agree(bea, false);
    await codeOf(look(ada));
    assert.equal((await looks()).length, 1);
  });

  it("[CG5] premium of one shows nothing more to the other", async () => {
    await comparable();
    world.premium.add(ada.userId);
    const seen = await look(ada);
    assert.ok(seen.access === "premium");
    assert.equal(seen.categories.length, 15);
    assert.deepEqual(Object.keys(await look(bea)), ["access", "compatibility"]);
    const mine = async (who: Caller) => {
      const [last] = (await world.assessments.list(who, { limit: 1 })).items;
      assert.ok(last);
      return world.assessments.results(who, last.id, "de");
    };
    assert.ok("recommendations" in (await mine(ada)));
    assert.ok(!("recommendations" in (await mine(bea))));
    world.premium.delete(ada.userId);
    assert.equal((await look(ada)).access, "free");
  });
});

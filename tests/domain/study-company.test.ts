import assert from "node:assert/strict";
import type { Caller } from "../../domain/ports.ts";
import type { StudyStaff } from "../../domain/releases.ts";
import { UserId } from "../../schema/wire/ids.ts";
import type { StudyCompany, StudyId } from "../../schema/wire/research.ts";
import { databaseStudyRows } from "../../server/adapters/database/study-rows.ts";
import { ResearchWorld } from "../support/research-world.ts";

const DAY_MS = 86_400_000;

describe("how many take part in a study, at a database", function () {
  this.timeout(120_000);
  let world: ResearchWorld;
  let study: StudyId;
  before(async () => {
    world = await ResearchWorld.open();
  });
  beforeEach(async () => {
    study = await world.study();
  });
  after(() => world.close());

  const people = async (count: number): Promise<Caller[]> => {
    const joined: Caller[] = [];
    for (let n = 0; n < count; n++) {
      const who = await world.adult();
      await world.consent(who, study);
      joined.push(who);
    }
    return joined;
  };

  async function told(): Promise<StudyCompany> {
    const staff: StudyStaff = {
      userId: UserId.parse(crypto.randomUUID()),
      grants: [{ role: "researcher", studyId: study }],
    };
    const [view] = await world.parts.releases.studies(staff);
    assert.ok(view);
    return view.company;
  }

  /** The very figures, which nobody is told. */
  const counted = (at = world.clock.now() + 1) =>
    world.assessed.pairs.opened.database.read((em) => databaseStudyRows.pairs(em, study, at));

  it("[PP13] a study's people are told in elevens, as they were when the day began, and who ever agreed beside", async () => {
    await people(10);
    world.clock.advance(DAY_MS);
    const none = { participants: null, consents: null };
    assert.deepEqual(await told(), { asOf: new Date(world.clock.now()).toISOString().slice(0, 10), ...none });
    const [last] = await people(1);
    assert.ok(last);
    assert.deepEqual({ ...(await told()), asOf: "" }, { asOf: "", ...none });
    world.clock.advance(DAY_MS);
    assert.deepEqual({ ...(await told()), asOf: "" }, { asOf: "", participants: 11, consents: 11 });
    await world.withdraw(last, study, "retain_aggregated");
    world.clock.advance(DAY_MS);
    assert.deepEqual({ ...(await told()), asOf: "" }, { asOf: "", participants: null, consents: 11 });
  });

  it("[PP13] two twins are one pair, and whoever left, lapsed, is a minor by now or about to go takes no part", async () => {
    const [ada, bea] = await world.twins();
    for (const who of [ada, bea]) await world.consent(who, study);
    const [left, minor, leaving, sent] = await people(4);
    assert.ok(left && minor && leaving && sent);
    assert.deepEqual(await counted(), { participants: 5, consents: 5 });
    await world.withdraw(left, study);
    await world.born(minor, "2020-01-01");
    await world.sql("update users set deletion_due_at = now() where id = $1", [leaving.userId]);
    await world.sql("update users set status = 'suspended' where id = $1", [sent.userId]);
    assert.deepEqual(await counted(), { participants: 1, consents: 5 });
    await world.withdraw(ada, study);
    assert.deepEqual(await counted(), { participants: 1, consents: 5 });
    assert.deepEqual(await counted(world.clock.now() + 366 * DAY_MS), { participants: 0, consents: 5 });
  });

  it("[PP13] words that are not the study's any more, and a missing twin where both are needed, are no part in it", async () => {
    study = await world.study({ bothTwinsNeeded: true });
    const [ada] = await world.twins();
    await world.consent(ada, study);
    assert.deepEqual(await counted(), { participants: 1, consents: 1 });
    await world.sql("update pair_members set is_active = false where user_id = $1", [ada.userId]);
    assert.deepEqual(await counted(), { participants: 0, consents: 1 });
    await world.sql("update pair_members set is_active = true where user_id = $1", [ada.userId]);
    await world.sql("update research_studies set consent_version = 2 where id = $1", [study]);
    assert.deepEqual(await counted(), { participants: 0, consents: 1 });
  });
});

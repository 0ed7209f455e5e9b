import assert from "node:assert/strict";
import { Listed } from "../../schema/wire/lists.ts";
import type { StudyId } from "../../schema/wire/research.ts";
import { MOST_EVENTS, Telemetry } from "../../schema/wire/telemetry.ts";
import { givenToStudies } from "../../server/adapters/exports/given-to-studies.ts";
import { allOf } from "../support/assessment-answers.ts";
import { codeOf } from "../support/assessments-world.ts";
import { ResearchWorld } from "../support/research-world.ts";

const DAY_MS = 86_400_000;

describe("what studies are given", function () {
  this.timeout(60_000);
  let world: ResearchWorld;
  let study: StudyId;
  before(async () => {
    world = await ResearchWorld.open();
  });
  beforeEach(async () => {
    study = await world.study();
  });
  after(() => world.close());

  const rows = (table: string) => world.sql(`select * from research_${table} where study_id = $1`, [study]);

  /** Somebody says something in their pair at that time. */
  async function said(userId: string, at: number): Promise<void> {
    const [pair] = await world.sql("select pair_id from pair_members where user_id = $1 and is_active", [userId]);
    const id = `${at
      .toString(16)
      .padStart(12, "0")
      .replace(/^(.{8})/, "$1-")}-7000-8000-${crypto.randomUUID().slice(-12)}`;
    await world.sql(
      `insert into messages (pair_id, id, seq, version, sender_id, key, type, text, sent_at)
       values ($1, $2, 1, 1, $3, 'k', 'text', 'secret words', $4)`,
      [pair?.["pair_id"], id, userId, new Date(at)],
    );
  }

  it("[RN1] a completed assessment is given once, by who agreed and by nobody else, a minor as they say now included", async () => {
    const [ada, bea] = await world.twins();
    await world.assessed.completed(ada, allOf(4));
    await world.assessed.completed(bea, allOf(5));
    await world.consent(ada, study);
    await world.work();
    await world.parts.intake.sweep();
    const given = await rows("contributions");
    assert.equal(given.length, 1);
    assert.equal(Object(given[0]?.["body"]).composites.CI, 50);
    const minor = await world.adult();
    await world.consent(minor, study);
    await world.born(minor, "2012-01-01");
    await world.assessed.completed(minor, allOf(6));
    await world.work();
    assert.equal((await rows("contributions")).length, 1);
    assert.equal(await codeOf(world.tell(minor, { events: [world.event()] })), "FORBIDDEN");
    const [part] = (await world.parts.consents.look(minor, "en")).participation;
    assert.equal(part?.status, "ineligible");
  });

  it("[RN2] of messages and moments a study gets how many there were on each whole day since, and nothing else of them", async () => {
    const [ada, bea] = await world.twins();
    const start = world.clock.now();
    await said(ada.userId, start - 60_000);
    await world.consent(ada, study);
    await said(ada.userId, start + 60_000);
    for (const hours of [20, 21, 30]) await said(ada.userId, start + hours * 3_600_000);
    await said(bea.userId, start + 20 * 3_600_000);
    for (const [number, day] of ["2026-06-15", "2026-06-16", "2026-06-16"].entries())
      await world.sql(
        `insert into moments (pair_id, id, number, day, of_day, at, type, algorithm, confidence)
         select pair_id, gen_random_uuid(), $2, $3, 1, now(), 'sync', 'press', 1 from pair_members where user_id = $1`,
        [ada.userId, number + 1, day],
      );
    world.clock.advance(3 * DAY_MS);
    await world.parts.intake.sweep();
    await world.parts.intake.sweep();
    const given = await rows("contributions");
    assert.deepEqual(
      given.map(({ kind, body }) => [kind, body]),
      [
        ["messages", { sent: 3 }],
        ["moments", { moments: 2 }],
      ],
    );
    assert.ok(!JSON.stringify(given).includes("secret"));
    world.clock.time = start;
  });

  it("[RN3] an event counts once, in whichever batch and however often it comes", async () => {
    const who = await world.adult();
    await world.consent(who, study);
    const [one, two] = [
      world.event(),
      world.event({ eventType: "game_interaction", data: { game: "mirror", score: 3 } }),
    ];
    assert.deepEqual(await world.tell(who, { batchId: "b1", events: [one, two, one] }), {
      ...{ accepted: 2, duplicates: 1, ignored: 0 },
    });
    assert.deepEqual(await world.tell(who, { batchId: "b1", events: [one, two] }), {
      ...{ accepted: 0, duplicates: 2, ignored: 0 },
    });
    assert.deepEqual(await world.tell(who, one), { accepted: 0, duplicates: 1, ignored: 0 });
    assert.deepEqual(await world.tell(who, { event: world.event() }), { accepted: 1, duplicates: 0, ignored: 0 });
    const both = [world.event(), world.event()];
    await Promise.all(Array.from({ length: 4 }, () => world.tell(who, { events: both })));
    assert.deepEqual(await world.count(study), [1, 0, 5]);
  });

  it("[RN4] 1,000 events are a batch and 1,001 are none; 10,000 an hour are taken", async () => {
    const who = await world.adult();
    await world.consent(who, study);
    const events = (count: number) => Array.from({ length: count }, () => world.event());
    assert.equal(await codeOf(async () => world.tell(who, { events: events(MOST_EVENTS + 1) })), "VALIDATION_ERROR");
    assert.equal(await codeOf(async () => world.tell(who, { events: [] })), "VALIDATION_ERROR");
    assert.equal((await world.tell(who, { events: events(MOST_EVENTS) })).accepted, 1000);
    const again = { events: events(MOST_EVENTS) };
    for (let batch = 1; batch < 10; batch++) await world.tell(who, again);
    assert.equal(await codeOf(world.tell(who, { events: [world.event()] })), "RATE_LIMIT_EXCEEDED");
  });

  it("[RN5] an event says what its kind may say: no words, no answers, no ids, and anything else is refused and named", () => {
    const wrong = (change: object): string[] => {
      const result = Telemetry.safeParse({ events: [world.event(change)] });
      return result.success ? [] : result.error.issues.map(({ path }) => path.join("."));
    };
    assert.deepEqual(wrong({}), []);
    assert.deepEqual(wrong({ data: {} }), []);
    for (const data of [
      { text: "hello" },
      { screen: "chat", answers: [1, 2] },
      { game: "mirror" },
      { screen: "I love my twin so much" },
      { screen: crypto.randomUUID() },
      { seconds: -1 },
      { seconds: "30" },
    ])
      assert.notDeepEqual(wrong({ data }), [], JSON.stringify(data));
    assert.notDeepEqual(wrong({ eventType: "assessment_behavior", data: { category: "autonomy", value: 4 } }), []);
    assert.deepEqual(wrong({ eventType: "assessment_behavior", data: { category: "autonomy", changes: 2 } }), []);
    assert.deepEqual(wrong({ eventType: "communication_pattern", data: { messages: 3, minutes: 1.5 } }), []);
    assert.notDeepEqual(wrong({ eventType: "location" }), []);
    assert.notDeepEqual(wrong({ userId: crypto.randomUUID() }), []);
    assert.notDeepEqual(wrong({ timestamp: "yesterday" }), []);
  });

  it("[RN6] what was before one agreed, is older than 30 days or not yet is passed over", async () => {
    const who = await world.adult();
    const before = world.event();
    world.clock.advance(1000);
    await world.consent(who, study);
    const at = (ms: number) => world.event({ timestamp: new Date(world.clock.now() + ms).toISOString() });
    const taken = await world.tell(who, { events: [before, at(DAY_MS), at(0), at(60_000)] });
    assert.deepEqual(taken, { accepted: 2, duplicates: 0, ignored: 2 });
    const old = at(0);
    world.clock.advance(31 * DAY_MS);
    assert.equal((await world.tell(who, { events: [old] })).ignored, 1);
    world.clock.advance(-31 * DAY_MS);
  });

  it("[RN7] nothing beside the data leads to the account: no id of theirs, no moment, and another pseudonym in each study", async () => {
    const [ada] = await world.twins();
    const other = await world.study();
    for (const id of [study, other]) await world.consent(ada, id);
    await world.assessed.completed(ada, allOf(4));
    await world.work();
    const event = world.event({ eventId: `${ada.userId} 1`, sessionId: ada.sessionId });
    await world.tell(ada, event);
    const stored = JSON.stringify(
      await world.sql(
        `select (select json_agg(p) from research_participants p) as people,
        (select json_agg(c) from research_contributions c) as given, (select json_agg(e) from research_events e) as events`,
      ),
    );
    assert.ok(!stored.includes(ada.userId) && !stored.includes(ada.sessionId));
    assert.doesNotMatch(stored, /\d\d:\d\d:\d\d/);
    const [one] = await world.sql("select pseudonym from research_participants where study_id = $1", [study]);
    const [two] = await world.sql("select pseudonym from research_participants where study_id = $1", [other]);
    assert.notEqual(one?.["pseudonym"], two?.["pseudonym"]);
    const { items } = await world.parts.contributions.list(ada, Listed.parse({}));
    assert.deepEqual(
      items.filter(({ studyId }) => studyId === study).map(({ kind, count }) => [kind, count]),
      [
        ["app_usage", 1],
        ["assessment", 1],
      ],
    );
    const { database } = world.assessed.pairs.opened;
    const copied: object[] = [];
    for await (const row of givenToStudies({ database, secrets: world.parts.hidden }, ada.userId)) copied.push(row);
    assert.equal(copied.length, items.length);
    assert.ok(
      copied.some((row) => "kind" in row && row.kind === "assessment" && "studyId" in row && row.studyId === study),
    );
    const page = await world.parts.contributions.list(ada, Listed.parse({ limit: "3" }));
    assert.ok(page.nextCursor);
    const rest = await world.parts.contributions.list(ada, Listed.parse({ cursor: page.nextCursor }));
    assert.deepEqual([...page.items, ...rest.items], items);
  });

  it("[RN8] when the secret changes, what stands under the old one is moved under the new, and no data is doubled or lost", async () => {
    const [ada, bea] = await world.twins();
    for (const who of [ada, bea]) await world.consent(who, study);
    await world.assessed.completed(ada, allOf(4));
    await world.work();
    const event = world.event();
    await world.tell(ada, event);
    const before = await rows("participants");
    const old = world.parts;
    world.rotateSecrets();
    assert.deepEqual(await world.tell(ada, event), { accepted: 0, duplicates: 1, ignored: 0 });
    await world.parts.intake.sweep();
    const after = await rows("participants");
    assert.deepEqual(await world.count(study), [2, 1, 1]);
    const keys = (of: typeof after) => of.map(({ pair_key }) => pair_key);
    assert.deepEqual(new Set(keys(after)), new Set(keys(before)));
    assert.equal(new Set(keys(after)).size, 1);
    assert.ok(after.every(({ pseudonym }) => before.every((row) => row["pseudonym"] !== pseudonym)));
    await world.withdraw(ada, study);
    await world.work();
    assert.deepEqual(await world.count(study), [1, 0, 0]);
    world.parts = old;
  });
});

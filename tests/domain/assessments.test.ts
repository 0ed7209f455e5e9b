import assert from "node:assert/strict";
import fc from "fast-check";
import type { Caller } from "../../domain/ports.ts";
import { ITEMS } from "../../domain/scoring/keys.ts";
import { score } from "../../domain/scoring/score.ts";
import { AssessmentId, ITEM_IDS, type ItemResponse } from "../../schema/wire/assessments.ts";
import { Listed } from "../../schema/wire/lists.ts";
import { allOf, anyAnswers, BANK } from "../support/assessment-answers.ts";
import { AssessmentsWorld, codeOf } from "../support/assessments-world.ts";

const DAY_MS = 86_400_000;

/** Smallest of all, so that it stands before every other. */
const FIRST = "00000000-0000-0000-0000-000000000000";

describe("taking an assessment", () => {
  let world: AssessmentsWorld;
  let ada: Caller;
  before(async () => {
    world = await AssessmentsWorld.open(20);
  });
  after(() => world.close());
  beforeEach(async () => {
    ada = await world.person();
    world.news.length = 0;
  });

  const first = (count: number, value = 4): ItemResponse[] => allOf(value).slice(0, count);
  const look = (id: AssessmentId) => world.assessments.look(ada, id);

  it("[AS1] the same session goes on wherever it is begun again, also by many at once", async () => {
    const begun = await Promise.all(Array.from({ length: 8 }, () => world.assessments.start(ada)));
    assert.equal(new Set(begun.map(({ session }) => session.id)).size, 1);
    assert.equal(begun.filter(({ isResumed }) => !isResumed).length, 1);
    const [session] = begun;
    assert.ok(session);
    const { id, startDate, userId, ...shown } = session.session;
    assert.equal(userId, ada.userId);
    assert.deepEqual(shown, {
      ...{ bankVersion: BANK, completionDate: null, responses: [], answered: 0, total: 150, currentProgress: 0 },
      ...{ isComplete: false, status: "in_progress" },
    });
    await world.respond(ada, id, allOf(4), true);
    assert.notEqual(await world.begun(ada), id);
  });

  it("[AS7] [IB6] a bank that is not asked any more is gone, to begin with and to go on", async () => {
    assert.equal(await codeOf(world.assessments.start(ada, "0.9.0")), "GONE");
    const id = await world.begun(ada);
    await world.sql("insert into assessment_banks (version) values ('0.9.0') on conflict do nothing");
    await world.sql("update assessment_sessions set bank_version = '0.9.0' where id = $1", [id]);
    assert.equal(await codeOf(world.answer(ada, id, first(1))), "GONE");
    assert.equal(await codeOf(world.respond(ada, id, first(1))), "GONE");
    assert.equal((await look(id)).answered, 0);
    assert.notEqual(await world.begun(ada), id);
    assert.equal((await look(id)).status, "abandoned");
  });

  it("[AS2] the last answer to an item wins, and it counts once", async () => {
    const id = await world.begun(ada);
    const twice = [
      { itemId: "IF001", value: 2 },
      { itemId: "IF002", value: 3, responseTimeMs: 1200.4 },
      { itemId: "IF001", value: 6 },
    ];
    assert.deepEqual(await world.answer(ada, id, twice), { answered: 2, total: 150 });
    const { session } = await world.respond(ada, id, [{ itemId: "IF002", value: 7 }]);
    assert.deepEqual(session.responses, [
      { itemId: "IF001", value: 6 },
      { itemId: "IF002", value: 7 },
    ]);
    assert.deepEqual([session.answered, session.currentProgress], [2, 1]);
  });

  it("[AS2] [AS3] [AS4] [AS6] whatever batches come by room and by call, what is kept is what a plain list says", async () => {
    const batch = fc.array(
      fc.record({ itemId: fc.constantFrom(...ITEM_IDS.slice(0, 12)), value: fc.integer({ min: 1, max: 7 }) }),
      {
        maxLength: 15,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), batch), { maxLength: 6 }), async (batches) => {
        const who = await world.person();
        const id = await world.begun(who);
        const kept = new Map<string, number>();
        for (const [byRoom, responses] of batches) {
          if (byRoom && responses.length > 0) await world.answer(who, id, responses);
          else await world.respond(who, id, responses);
          for (const { itemId, value } of responses) kept.set(itemId, value);
        }
        const { responses, answered } = await world.assessments.look(who, id);
        assert.deepEqual(new Map(responses.map(({ itemId, value }) => [itemId, value])), new Map([...kept].sort()));
        const [row] = await world.sql("select answered from assessment_sessions where id = $1", [id]);
        assert.deepEqual([answered, row?.["answered"]], [kept.size, kept.size]);
      }),
      { numRuns: 30 },
    );
  });

  const nonsense: readonly (readonly [string, unknown])[] = [
    ["0", 0],
    ["8", 8],
    ["4.5", 4.5],
    ['"4"', "4"],
    ["null", null],
    ["nothing", undefined],
    ["true", true],
    ["NaN", Number.NaN],
    ["[4]", [4]],
  ];
  for (const [name, value] of nonsense)
    it(`[AS3] nothing of a batch is kept that has the value ${name} in it`, async () => {
      const id = await world.begun(ada);
      const batch = [...first(3), { itemId: "CO001", value }];
      assert.equal(await codeOf(async () => world.answer(ada, id, batch)), "VALIDATION_ERROR");
      assert.equal(await codeOf(async () => world.respond(ada, id, batch)), "VALIDATION_ERROR");
      assert.equal((await look(id)).answered, 0);
      assert.deepEqual(world.news.length, 1);
    });

  it("[AS3] nor of one with an item that there is not, a field too many, or ten thousand responses", async () => {
    const id = await world.begun(ada);
    const bad: readonly unknown[][] = [
      [...first(3), { itemId: "IF011", value: 4 }],
      [...first(3), { itemId: "IF001", value: 4, weight: 2 }],
      [...first(3), { itemId: "IF001", value: 4, responseTimeMs: -1 }],
      Array.from({ length: 10_000 }, () => ({ itemId: "IF001", value: 4 })),
    ];
    for (const batch of bad) {
      assert.equal(await codeOf(async () => world.answer(ada, id, batch)), "VALIDATION_ERROR");
      assert.equal(await codeOf(async () => world.respond(ada, id, batch)), "VALIDATION_ERROR");
    }
    assert.equal((await look(id)).answered, 0);
  });

  it("[AS4] two phones at once lose nothing of each other, and the progress never lies", async () => {
    const id = await world.begun(ada);
    const told: number[] = [];
    const one = async (responses: readonly ItemResponse[]) =>
      void told.push((await world.answer(ada, id, responses)).answered);
    const all = allOf(5);
    await Promise.all([
      ...Array.from({ length: 15 }, (_, at) => one(all.slice(at * 7, at * 7 + 14))),
      ...Array.from({ length: 15 }, (_, at) => one(all.slice(at * 6 + 51, at * 6 + 66))),
    ]);
    const { answered, responses } = await look(id);
    assert.deepEqual([answered, responses.length], [150, 150]);
    assert.equal(Math.max(...told), 150);
    const [row] = await world.sql("select answered from assessment_sessions where id = $1", [id]);
    assert.equal(row?.["answered"], 150);
  });

  it("[AS6] can be completed with 105 answers and not with one less, of which nothing is kept", async () => {
    const id = await world.begun(ada);
    assert.equal(await codeOf(world.respond(ada, id, first(104), true)), "INSUFFICIENT_COMPLETION");
    assert.equal((await look(id)).answered, 0);
    assert.equal(await codeOf(world.assessments.results(ada, id, "en")), "CONFLICT");
    const { session, results } = await world.respond(ada, id, first(105), true);
    assert.deepEqual([session.status, session.isComplete, session.currentProgress], ["completed", true, 70]);
    assert.ok(session.completionDate);
    assert.ok(results);
    assert.equal(results.answered, 105);
  });

  it("[AS6] completing again in the same words gives the same results, and other answers are refused", async () => {
    const id = await world.begun(ada);
    const all = allOf((item) => (Number(item.slice(2)) % 7) + 1);
    const done = await world.respond(ada, id, all, true);
    world.pairs.clock.advance(1000);
    assert.deepEqual(await world.respond(ada, id, all, true), done);
    assert.deepEqual(await world.respond(ada, id, [], true), done);
    assert.deepEqual(await world.assessments.results(ada, id, "en"), done.results);
    assert.equal(await codeOf(world.respond(ada, id, first(1, 7), true)), "CONFLICT");
    assert.equal(await codeOf(world.respond(ada, id, first(1))), "CONFLICT");
    assert.equal(await codeOf(world.answer(ada, id, first(1))), "CONFLICT");
    assert.deepEqual(await look(id), done.session);
  });

  it("[AS6] what comes out is what the scoring says, whoever answered in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswers, async (answers) => {
        const who = await world.person();
        const { results } = await world.respond(who, await world.begun(who), answers, true);
        assert.deepEqual(results?.composites, score(answers, BANK).composites);
      }),
      { numRuns: 10 },
    );
  });

  it("[AS7] somebody else's session is not there, and nothing happens to it", async () => {
    const [id, eve] = [await world.begun(ada), await world.person()];
    for (const asked of [
      () => world.assessments.look(eve, id),
      () => world.respond(eve, id, first(3)),
      () => world.respond(eve, id, allOf(4), true),
      () => world.answer(eve, id, first(3)),
      () => world.assessments.results(eve, id, "en"),
      () => world.answer(ada, AssessmentId.parse(crypto.randomUUID()), first(1)),
    ])
      assert.equal(await codeOf(asked()), "NOT_FOUND");
    assert.equal((await look(id)).answered, 0);
  });

  it("[AS8] is abandoned 90 days after the last answer, and not before", async () => {
    const id = await world.begun(ada);
    world.pairs.clock.advance(80 * DAY_MS);
    await world.answer(ada, id, first(1));
    world.pairs.clock.advance(89 * DAY_MS);
    await world.assessments.sweep();
    assert.equal((await look(id)).status, "in_progress");
    world.pairs.clock.advance(2 * DAY_MS);
    await world.assessments.sweep();
    assert.equal((await look(id)).status, "abandoned");
    assert.equal(await codeOf(world.answer(ada, id, first(1))), "GONE");
    assert.equal(await codeOf(world.respond(ada, id, allOf(4), true)), "GONE");
    assert.notEqual(await world.begun(ada), id);
  });

  it("[AS12] one is completed in 90 days by who pays for no more, and as many as one likes by who does", async () => {
    world.limited.add(ada.userId);
    await world.completed(ada, allOf(4));
    assert.equal(await codeOf(world.assessments.start(ada)), "PREMIUM_REQUIRED");
    world.premium.add(ada.userId);
    const open = await world.begun(ada);
    world.premium.delete(ada.userId);
    assert.equal(await world.begun(ada), open);
    await world.respond(ada, open, allOf(4), true);
    world.pairs.clock.advance(90 * DAY_MS - 1);
    assert.equal(await codeOf(world.assessments.start(ada)), "PREMIUM_REQUIRED");
    world.pairs.clock.advance(2);
    assert.ok(await world.begun(ada));
  });

  it("[AS10] results of another scoring are made anew, step by step, and again changes nothing", async () => {
    const [id, open] = [await world.completed(ada, allOf(5)), await world.begun(ada)];
    const before = await world.assessments.results(ada, id, "en");
    await world.sql(
      `update assessment_sessions set results = results || '{"scoringVersion": "0.1.0", "profile": "complex_dynamic"}' where id = $1`,
      [id],
    );
    let [after, scored]: [string | undefined, number] = [FIRST, 0];
    while (after !== undefined) {
      const step: { last: string | undefined; scored: number } = await world.assessments.rescore(after, 2);
      [after, scored] = [step.last, scored + step.scored];
    }
    assert.equal(scored, 1);
    assert.deepEqual(await world.assessments.results(ada, id, "en"), before);
    assert.equal((await world.assessments.rescore(FIRST, 1000)).scored, 0);
    assert.equal((await look(open)).status, "in_progress");
  });

  it("[IB1] the bank in the database is the bank", async () => {
    const rows = await world.sql("select * from assessment_items where bank_version = $1 order by position", [BANK]);
    assert.deepEqual(
      rows.map(({ item_id, category, is_reversed }) => [item_id, category, is_reversed]),
      ITEMS.map(({ id, category, reversed }) => [id, category, reversed]),
    );
  });

  it("[LS1] one's own are listed, the newest first, page by page", async () => {
    for (let count = 0; count < 3; count++) {
      await world.completed(ada, allOf(4));
      world.pairs.clock.advance(1000);
    }
    const open = await world.begun(ada);
    const page = (query: object) => world.assessments.list(ada, { ...Listed.parse({ limit: "2" }), ...query });
    const one = await page({});
    assert.ok(one.nextCursor);
    const two = await page({ cursor: one.nextCursor });
    assert.equal(two.nextCursor, null);
    const ids = [...one.items, ...two.items].map(({ id }) => id);
    assert.equal(ids[0], open);
    assert.deepEqual(ids, ids.toSorted().reverse());
    assert.equal(ids.length, 4);
    assert.deepEqual(
      (await page({ status: "in_progress" })).items.map(({ id }) => id),
      [open],
    );
    assert.equal(await codeOf(page({ status: "in_progress", cursor: one.nextCursor })), "VALIDATION_ERROR");
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { Refusal } from "../../../domain/refusal.ts";
import { NONE, progressOf, requireEnough, withResponses } from "../../../domain/scoring/answers.ts";
import { COMPOSITES, ITEMS, type Item, reverse } from "../../../domain/scoring/keys.ts";
import { levelOf } from "../../../domain/scoring/levels.ts";
import { approximatePercentile } from "../../../domain/scoring/percentiles.ts";
import { profileOf } from "../../../domain/scoring/profiles.ts";
import { warningsFor } from "../../../domain/scoring/quality.ts";
import { recommendationsFor } from "../../../domain/scoring/recommendations.ts";
import { SCORING_VERSION, score } from "../../../domain/scoring/score.ts";
import { weightedMean } from "../../../domain/scoring/subscales.ts";
import { Category, Composite, ITEM_IDS, ItemResponse, Results } from "../../../schema/wire/assessments.ts";
import { allBut, allOf, anyAnswers, anyItem, BANK, prefixOf, resultsOf } from "../../support/assessment-answers.ts";

interface Given {
  readonly value: number | null;
  readonly reversed?: boolean;
  readonly weight?: number;
}

/** A subscale of as many items as there are answers to them. */
function meanOf(given: readonly Given[]) {
  const items = given.map(({ reversed = false, weight = 1 }, at): Item => {
    const id = ITEM_IDS[at];
    assert.ok(id);
    return { id, category: "identity_fusion", reversed, weight };
  });
  const answered = items.flatMap(({ id }, at) => {
    const value = given[at]?.value ?? null;
    return value === null ? [] : [[id, value] as const];
  });
  return weightedMean(items, new Map(answered));
}

const values = (...numbers: (number | null)[]) => numbers.map((value) => ({ value }));

const numbersOf = (items: readonly Item[]) => {
  const numbers: Record<string, number[]> = {};
  for (const { id } of items) {
    numbers[prefixOf(id)] ??= [];
    numbers[prefixOf(id)]?.push(Number(id.slice(2)));
  }
  return numbers;
};

const refused = (responses: unknown): Refusal => {
  try {
    score(responses, BANK);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  assert.fail("was scored");
};

describe("a subscale", () => {
  it("[SC1] is the mean of its answers drawn out to 0-100, reversed where an item is, weighted, without the unanswered", () => {
    assert.equal(meanOf(values(4, 5, 6, 4, 5)), 63);
    assert.equal(meanOf([{ value: 4 }, { value: 5, reversed: true }, { value: 6 }]), 56);
    assert.equal(
      meanOf([
        { value: 4, weight: 1 },
        { value: 6, weight: 2 },
      ]),
      72,
    );
    assert.equal(meanOf(values(4, null, 6, null, 5)), 67);
    assert.equal(meanOf(values(1, 1)), 0);
    assert.equal(meanOf(values(7, 7)), 100);
  });

  it("[SC1] is null when none of its items has an answer, and so is a composite", () => {
    assert.equal(meanOf(values(null, null)), null);
    const boundaries = resultsOf(allOf(5).filter(({ itemId }) => !itemId.startsWith("BO"))).subscales;
    assert.equal(boundaries.boundaries, null);
    assert.notEqual(boundaries.autonomy, null);
    const inCI = new Set(COMPOSITES.CI.map(({ id }) => id));
    const { composites } = resultsOf(allOf(5).filter(({ itemId }) => !inCI.has(itemId)));
    assert.equal(composites.CI, null);
    assert.equal(composites.ARI, 67);
  });

  it("[SC1] rounds a half up, in whatever order its answers come", () => {
    // 2.5 % and 12.5 %: neither is a binary fraction's fault.
    assert.equal(meanOf(values(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4)), 3);
    assert.equal(meanOf(values(1, 1, 1, 4)), 13);
    assert.equal(meanOf(values(4, 1, 1, 1)), 13);
  });

  it("[SC1] turned round item by item is 100 less itself, and turned round twice is itself", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 10 }), (numbers) => {
        for (const value of numbers) assert.equal(reverse(reverse(value)), value);
        const straight = meanOf(values(...numbers)) ?? Number.NaN;
        const turned = meanOf(numbers.map((value) => ({ value, reversed: true }))) ?? Number.NaN;
        assert.equal(meanOf(values(...numbers.map(reverse))), turned);
        // One more if both were halves that were rounded up.
        assert.ok([100, 101].includes(straight + turned), `${straight} and ${turned}`);
      }),
    );
  });
});

describe("the keys", () => {
  it("[SC2] are fifteen categories of ten items, reversed where they are worded against it", () => {
    const even = [2, 4, 6, 8, 10];
    const thirds = [3, 6, 9];
    assert.deepEqual(numbersOf(ITEMS.filter(({ reversed }) => reversed)), {
      IF: [3, 7],
      AU: [2, 5, 7, 9],
      BO: even,
      CO: [3, 5, 7, 9],
      DI: [3, 6, 8, 10],
      AT: even,
      CR: even,
      PI: even,
      PD: even,
      OP: thirds,
      CN: thirds,
      EX: thirds,
      AG: thirds,
      NE: even,
    });
    assert.deepEqual(
      ITEMS.map(({ id }) => id),
      ITEM_IDS,
    );
    assert.equal(new Set(ITEM_IDS).size, 150);
    for (const category of Category.options) {
      const ids = ITEMS.filter((item) => item.category === category).map(({ id }) => id);
      assert.equal(ids.length, 10);
      assert.equal(new Set(ids.map(prefixOf)).size, 1);
    }
    const categoryOf = (id: string) => ITEMS.find((item) => item.id === id)?.category;
    assert.equal(categoryOf("IF001"), "identity_fusion");
    assert.equal(categoryOf("CD010"), "codependency");
    assert.equal(categoryOf("CN005"), "conscientiousness");
    assert.equal(categoryOf("NE010"), "neuroticism");
  });

  it("[SC2] of the composites hold 42, 48 and 37 items, with the values as they were given", () => {
    const odd = [1, 3, 5, 7, 9];
    const even = [2, 4, 6, 8, 10];
    assert.deepEqual(numbersOf(COMPOSITES.CI), {
      IF: [1, 2, 4, 5, 6, 8, 9, 10],
      AU: [2, 5, 7, 9],
      BO: even,
      CO: [5],
      CD: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      DI: [3, 6, 8, 10],
      AT: [4, 6, 8, 10],
      PI: [4, 10],
      PD: [4, 6, 8, 10],
    });
    assert.deepEqual(numbersOf(COMPOSITES.ARI), {
      IF: [3, 7],
      AU: [1, 3, 4, 6, 8, 10],
      BO: odd,
      CO: [1, 4, 6, 8, 10],
      DI: [1, 2, 4, 5, 7, 9],
      AT: [3, 5, 7, 9],
      CR: odd,
      PI: odd,
      PD: odd,
      NE: even,
    });
    assert.deepEqual(numbersOf(COMPOSITES.TRS), {
      IF: [5, 9],
      BO: [4, 10],
      CO: [3, 5, 7, 9],
      CD: [9],
      DI: [6],
      AT: [2, 6, 8],
      CR: even,
      PI: even,
      PD: even,
      OP: [3],
      AG: [3, 6, 9],
      NE: odd,
    });
    const sizes = Composite.options.map((composite) => COMPOSITES[composite].length);
    assert.deepEqual(sizes, [42, 48, 37]);
    assert.ok(Composite.options.every((composite) => COMPOSITES[composite].every(({ reversed }) => !reversed)));
  });
});

describe("the results", () => {
  it("[SC3] of all 4s are 50 in everything", () => {
    const { composites, subscales } = resultsOf(allOf(4));
    assert.deepEqual(composites, { CI: 50, ARI: 50, TRS: 50 });
    assert.deepEqual(new Set(Object.values(subscales)), new Set([50]));
    assert.equal(Object.keys(subscales).length, 15);
  });

  it("[SC3] of all 7s are as many hundredths as items are worded for their category, and 100 in the composites", () => {
    const { composites, subscales } = resultsOf(allOf(7));
    assert.deepEqual(composites, { CI: 100, ARI: 100, TRS: 100 });
    assert.deepEqual(
      [subscales.codependency, subscales.identity_fusion, subscales.autonomy, subscales.openness, subscales.attachment],
      [100, 80, 60, 70, 50],
    );
  });

  it("[SC4] stay from 0 to 100 and fit what is kept of them, whatever was answered", () => {
    fc.assert(
      fc.property(anyAnswers, (answers) => {
        const results = resultsOf(answers);
        assert.deepEqual(Results.parse(results), results);
      }),
    );
  });

  it("[SC4] move the way an item is worded, and only where it belongs", () => {
    fc.assert(
      fc.property(anyAnswers, anyItem, fc.integer({ min: 1, max: 6 }), (answers, itemId, value) => {
        const before = resultsOf([...answers, { itemId, value }]);
        const after = resultsOf([...answers, { itemId, value: value + 1 }]);
        const item = ITEMS.find(({ id }) => id === itemId);
        assert.ok(item);
        for (const category of Category.options) {
          const moved = (after.subscales[category] ?? 0) - (before.subscales[category] ?? 0);
          if (category !== item.category) assert.equal(moved, 0);
          else if (item.reversed) assert.ok(moved < 0);
          else assert.ok(moved > 0);
        }
        for (const composite of Composite.options) {
          const moved = (after.composites[composite] ?? 0) - (before.composites[composite] ?? 0);
          const isIn = COMPOSITES[composite].some(({ id }) => id === itemId);
          assert.ok(isIn ? moved >= 0 : moved === 0, `${composite} by ${itemId}: ${moved}`);
        }
      }),
    );
  });

  it("[SC5] are the same in whatever order the answers came, and each time they are asked for", () => {
    const inTwoOrders = anyAnswers.chain((answers) =>
      fc.tuple(fc.constant(answers), fc.shuffledSubarray(answers, { minLength: answers.length })),
    );
    fc.assert(
      fc.property(inTwoOrders, ([answers, shuffled]) => {
        assert.deepEqual(resultsOf(shuffled), resultsOf(answers));
        assert.deepEqual(resultsOf(answers), resultsOf(answers));
      }),
    );
  });

  it("[SC5] count an item once, by its last answer, also within one batch", () => {
    const twice = resultsOf([...allOf(1), ...allOf(7)]);
    assert.deepEqual(twice, resultsOf(allOf(7)));
    assert.equal(twice.answered, 150);
    const kept = withResponses(withResponses(NONE, allOf(2)), [
      { itemId: "CO005", value: 3 },
      { itemId: "CO005", value: 6, responseTimeMs: 900 },
    ]);
    assert.equal(kept.size, 150);
    assert.deepEqual(kept.get("CO005"), { itemId: "CO005", value: 6, responseTimeMs: 900 });
    assert.equal(NONE.size, 0);
  });

  it("[SC6] are there from 105 answers on, and INSUFFICIENT_COMPLETION says how many are missing", () => {
    assert.equal(resultsOf(allOf(4).slice(0, 105)).answered, 105);
    const tooFew = refused([...allOf(4).slice(0, 104), ...allOf(5).slice(0, 104)]);
    assert.equal(tooFew.code, "INSUFFICIENT_COMPLETION");
    assert.match(tooFew.message, /104 of 150.*1 more/);
    assert.equal(refused([]).code, "INSUFFICIENT_COMPLETION");
    assert.doesNotThrow(() => requireEnough(105));
    assert.throws(() => requireEnough(0), Refusal);
  });

  it("[SC6] are not to be had early: progress says 100 only when every item has its answer", () => {
    assert.deepEqual([0, 1, 2, 75, 105, 149, 150].map(progressOf), [0, 0, 1, 50, 70, 99, 100]);
  });

  it("[SC13] name the version of the scoring and of the bank; another bank's answers are GONE", () => {
    const { scoringVersion, bankVersion, total } = resultsOf(allOf(4));
    assert.deepEqual(
      { scoringVersion, bankVersion, total },
      { scoringVersion: SCORING_VERSION, bankVersion: BANK, total: 150 },
    );
    for (const version of ["0.9.0", "1.0", "", "constructor"])
      assert.throws(() => score(allOf(4), version), { code: "GONE" });
  });

  it("[SC14] of 150 answers take less than 2 ms", () => {
    const answers = allOf((id) => (id.charCodeAt(4) % 7) + 1).map((answer) => ({ ...answer, responseTimeMs: 2500 }));
    for (let warm = 0; warm < 50; warm++) resultsOf(answers);
    const times = Array.from({ length: 101 }, () => {
      const from = performance.now();
      resultsOf(answers);
      return performance.now() - from;
    }).sort((a, b) => a - b);
    // The median, so that a neighbour on the machine proves nothing.
    assert.ok((times[50] ?? Number.NaN) < 2, `${times[50]} ms`);
  });
});

describe("what results are called", () => {
  it("[SC7] levels change at 16, 37, 63 and 84", () => {
    const levels = [0, 15, 16, 36, 37, 62, 63, 83, 84, 100].map(levelOf);
    const pairs = ["very_low", "low", "moderate", "high", "very_high"].flatMap((level) => [level, level]);
    assert.deepEqual(levels, pairs);
    assert.equal(levelOf(null), null);
  });

  it("[SC8] a percentile is read off a table, and unknown for no score", () => {
    const read = [0, 20, 21, 35, 36, 50, 51, 65, 66, 80, 81, 100].map(approximatePercentile);
    assert.deepEqual(read, [10, 10, 25, 25, 50, 50, 75, 75, 90, 90, 95, 95]);
    assert.equal(approximatePercentile(null), null);
  });

  it("[SC9] the first profile that fits is the person's", () => {
    const profile = (CI: number | null, ARI: number | null, TRS: number | null) => profileOf({ CI, ARI, TRS });
    assert.equal(profile(61, 39, 90), "highly_enmeshed");
    assert.equal(profile(39, 61, 90), "balanced_independent");
    assert.equal(profile(60, 40, 61), "transition_vulnerable");
    assert.equal(profile(61, 40, 61), "transition_vulnerable");
    assert.equal(profile(60, 40, 60), "moderately_connected");
    assert.equal(profile(40, 60, 0), "moderately_connected");
    assert.equal(profile(61, 40, 60), "complex_dynamic");
    assert.equal(profile(40, 61, 60), "complex_dynamic");
    assert.equal(profile(39, 60, 60), "complex_dynamic");
    assert.equal(profile(50, 39, 60), "complex_dynamic");
    assert.equal(profile(null, 50, 50), "complex_dynamic");
    assert.equal(profile(null, 20, 61), "transition_vulnerable");
    assert.equal(profile(null, null, null), "complex_dynamic");
  });

  it("[SC10] there is something to try for high codependency, low autonomy, risk in transitions and each low subscale of the relation", () => {
    const { subscales } = resultsOf(allOf(4));
    const reasons = (CI: number | null, ARI: number | null, TRS: number | null, more = {}) =>
      recommendationsFor({ CI, ARI, TRS }, { ...subscales, ...more });
    assert.deepEqual(reasons(60, 40, 60), []);
    assert.deepEqual(reasons(null, null, null, { autonomy: null }), []);
    assert.deepEqual(reasons(61, 40, 60), ["codependency_index_high"]);
    assert.deepEqual(reasons(60, 39, 60), ["autonomy_resilience_low"]);
    assert.deepEqual(reasons(60, 40, 61), ["transition_risk_high"]);
    assert.deepEqual(reasons(61, 39, 61, { communication: 36, boundaries: 37, autonomy: 0 }), [
      "codependency_index_high",
      "autonomy_resilience_low",
      "transition_risk_high",
      "autonomy_low",
      "communication_low",
    ]);
    for (const category of Category.options.slice(0, 10))
      assert.deepEqual(reasons(50, 50, 50, { [category]: 36 }), [`${category}_low`]);
    for (const category of Category.options.slice(10)) assert.deepEqual(reasons(50, 50, 50, { [category]: 0 }), []);
    assert.ok(resultsOf(allBut(["CD"], 1)).recommendations.includes("codependency_low"));
  });
});

describe("the quality of answers", () => {
  const some = (count: number, value: (at: number) => number, responseTimeMs?: number): ItemResponse[] =>
    allOf(4)
      .slice(0, count)
      .map(({ itemId }, at) => ({
        itemId,
        value: value(at),
        ...(responseTimeMs === undefined ? {} : { responseTimeMs }),
      }));

  it("[SC11] more than ten answers that are all equal are warned of", () => {
    assert.deepEqual(warningsFor(some(10, () => 3)), []);
    assert.deepEqual(warningsFor(some(11, () => 3)), ["all_answers_equal"]);
    assert.deepEqual(warningsFor(some(11, (at) => (at === 5 ? 4 : 3))), []);
  });

  it("[SC11] a mean of less than a second an answer is warned of, where times are known", () => {
    const varied = (at: number) => 2 + (at % 4);
    assert.deepEqual(warningsFor(some(20, varied, 999)), ["answered_too_fast"]);
    assert.deepEqual(warningsFor(some(20, varied, 1000)), []);
    assert.deepEqual(warningsFor(some(20, varied, 0)), ["answered_too_fast"]);
    assert.deepEqual(warningsFor(some(20, varied)), []);
    const [first, ...others] = some(20, varied);
    assert.ok(first);
    assert.deepEqual(warningsFor([{ ...first, responseTimeMs: 10 }, ...others]), ["answered_too_fast"]);
    assert.deepEqual(warningsFor([{ ...first, responseTimeMs: 1500 }, ...others]), []);
  });

  it("[SC11] more than four ends of the scale in five answers are warned of", () => {
    const ends = (many: number) => some(100, (at) => (at < many ? (at % 2 === 0 ? 1 : 7) : 4));
    assert.deepEqual(warningsFor(ends(80)), []);
    assert.deepEqual(warningsFor(ends(81)), ["mostly_end_points"]);
    assert.deepEqual(warningsFor([]), []);
  });

  it("[SC11] warnings come with the results, about the last answers alone, and change no score", () => {
    const fast = allOf(7).map((answer) => ({ ...answer, responseTimeMs: 100 }));
    assert.deepEqual(resultsOf(fast).warnings, ["all_answers_equal", "answered_too_fast", "mostly_end_points"]);
    assert.deepEqual(resultsOf(fast).subscales, resultsOf(allOf(7)).subscales);
    const varied = allOf((id) => 2 + (Number(id.slice(2)) % 5));
    assert.deepEqual(resultsOf([...fast, ...varied]).warnings, []);
  });
});

describe("what is no answer", () => {
  const among = (wrong: unknown) => [...allOf(4).slice(0, 3), wrong, ...allOf(4).slice(4)];

  it("[SC12] a value that is no whole number from 1 to 7 is a VALIDATION_ERROR that names it, and nothing is scored", () => {
    for (const value of [0, 8, 4.5, "4", null, undefined, -1, Number.NaN, Number.POSITIVE_INFINITY, true, [4], 1e300]) {
      const { code, details } = refused(among({ itemId: "IF004", value }));
      assert.equal(code, "VALIDATION_ERROR");
      assert.deepEqual(details, [{ path: "responses.3.value", message: "must be a whole number from 1 to 7" }]);
    }
  });

  it("[SC12] so is an item that is not in the bank", () => {
    for (const itemId of ["IF000", "IF011", "if001", "XX001", "IF1", "", null, 7, "constructor", "IF001 "]) {
      const { code, details } = refused(among({ itemId, value: 4 }));
      assert.equal(code, "VALIDATION_ERROR");
      assert.deepEqual(details, [{ path: "responses.3.itemId", message: "is no item of the bank" }]);
    }
  });

  it("[SC12] so is anything that is no list of answers, and more than 300 at once", () => {
    for (const nonsense of [
      null,
      undefined,
      {},
      "IF001",
      7,
      [null],
      [[]],
      among({ itemId: "IF004", value: 4, extra: 1 }),
    ])
      assert.equal(refused(nonsense).code, "VALIDATION_ERROR");
    assert.equal(resultsOf([...allOf(1), ...allOf(4)]).answered, 150);
    const tooMany = refused([...allOf(1), ...allOf(2), ...allOf(3).slice(0, 1)]);
    assert.deepEqual(tooMany.details, [{ path: "responses", message: "must be at most 300 responses" }]);
  });

  it("[SC12] each wrong answer is named, twenty at most, also beside good ones", () => {
    const two = refused([...allOf(4), { itemId: "CO005", value: 9 }, { itemId: "ZZ001", value: 4 }]);
    assert.deepEqual(
      two.details?.map(({ path }) => path),
      ["responses.150.value", "responses.151.itemId"],
    );
    assert.equal(refused(allOf(0)).details?.length, 20);
  });

  it("[SC12] a response time is any time from 0 on, kept as whole milliseconds up to an hour", () => {
    const timed = (responseTimeMs: unknown) => [
      ...allOf((id) => (id.endsWith("1") ? 3 : 4)),
      { itemId: "IF001", value: 4, responseTimeMs },
    ];
    for (const ms of [-1, "5", null, Number.NaN, Number.POSITIVE_INFINITY])
      assert.deepEqual(
        refused(timed(ms)).details?.map(({ path }) => path),
        ["responses.150.responseTimeMs"],
      );
    assert.deepEqual(score(timed(0.4), BANK).warnings, ["answered_too_fast"]);
    const kept = [0, 0.4, 1234.5, 1e15].map(
      (responseTimeMs) => ItemResponse.parse({ itemId: "IF001", value: 4, responseTimeMs }).responseTimeMs,
    );
    assert.deepEqual(kept, [0, 0, 1235, 3_600_000]);
    assert.deepEqual(score(timed(1e15), BANK).warnings, []);
  });
});

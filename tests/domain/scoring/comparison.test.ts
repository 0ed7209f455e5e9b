import assert from "node:assert/strict";
import fc from "fast-check";
import { type Comparison, compare } from "../../../domain/scoring/comparison.ts";
import { perCategory, perComposite } from "../../../domain/scoring/keys.ts";
import { Category, type CompositeScores, type SubscaleScores } from "../../../schema/wire/assessments.ts";
import { allOf, anyAnswers, resultsOf } from "../../support/assessment-answers.ts";

interface Scores {
  readonly composites: CompositeScores;
  readonly subscales: SubscaleScores;
}

/** Fifty in everything but what is given. */
const person = (subscales: Partial<SubscaleScores> = {}, composites: Partial<CompositeScores> = {}): Scores => ({
  subscales: { ...perCategory(() => 50), ...subscales },
  composites: { ...perComposite(() => 50), ...composites },
});

/** Nothing but what is given. */
const knownOnly = (subscales: Partial<SubscaleScores>): Scores => ({
  subscales: { ...perCategory(() => null), ...subscales },
  composites: perComposite(() => null),
});

const compatibility = (a: Scores, b: Scores) => compare(a, b).compatibility;

const POSITIVE = Category.options.filter(
  (category) => !["codependency", "neuroticism", "identity_fusion", "power_dynamics"].includes(category),
);
const NEGATIVE = Category.options.filter((category) => !POSITIVE.includes(category));

const score = fc.option(fc.integer({ min: 0, max: 100 }));
const anybody: fc.Arbitrary<Scores> = fc.record({
  subscales: fc.record(perCategory(() => score)),
  composites: fc.record(perComposite(() => score)),
});

describe("compatibility", () => {
  it("[CM1] is how near two people are, each category by its weight", () => {
    assert.equal(compatibility(person(), person()), 100);
    const weights: Partial<Record<Category, number>> = {
      communication: 2,
      conflict_resolution: 2,
      boundaries: 1.8,
      codependency: 1.8,
      autonomy: 1.5,
      partner_inclusion: 1.5,
      identity_fusion: 1.5,
      power_dynamics: 1.5,
      attachment: 1.3,
      differentiation: 1.3,
      neuroticism: 1,
      agreeableness: 0.9,
      openness: 0.8,
      conscientiousness: 0.8,
      extraversion: 0.7,
    };
    const all = 20.4;
    for (const category of Category.options) {
      const apart = compatibility(person({ [category]: 0 }), person({ [category]: 100 }));
      assert.equal(apart, Math.round(100 - (100 * (weights[category] ?? 0)) / all), category);
    }
    // Two of communication and one of neuroticism: (2 x 80 + 1 x 50) / 3.
    const few = [knownOnly({ communication: 40, neuroticism: 90 }), knownOnly({ communication: 60, neuroticism: 40 })];
    const [a, b] = few;
    assert.ok(a && b);
    assert.equal(compatibility(a, b), 70);
  });

  it("[CM1] looks only at what both have, and is 50 where that is nothing", () => {
    const talks = knownOnly({ communication: 40 });
    assert.equal(compatibility(talks, person({ communication: 60 })), 80);
    assert.equal(compatibility(talks, knownOnly({ autonomy: 40 })), 50);
    const apart = { ...talks, composites: { CI: 0, ARI: 0, TRS: 0 } };
    assert.equal(compatibility(apart, { ...knownOnly({}), composites: { CI: 100, ARI: 100, TRS: 100 } }), 50);
  });

  it("[CM2] is ten less, once, when codependency or autonomy and resilience are more than 30 apart, and never below 0", () => {
    const to = (composites: Partial<CompositeScores>) => compatibility(person(), person({}, composites));
    assert.equal(to({ CI: 80 }), 100);
    assert.equal(to({ CI: 81 }), 90);
    assert.equal(to({ ARI: 19 }), 90);
    assert.equal(to({ CI: 81, ARI: 19 }), 90);
    assert.equal(to({ TRS: 100 }), 100);
    assert.equal(to({ CI: null, ARI: null }), 100);
    const nothing = { subscales: perCategory(() => 0), composites: perComposite(() => 0) };
    const everything = { subscales: perCategory(() => 100), composites: perComposite(() => 100) };
    assert.equal(compatibility(nothing, everything), 0);
  });

  it("[CM3] and all that is found is the same whoever comes first, and from 0 to 100", () => {
    const isFair = (a: Scores, b: Scores) => {
      const comparison = compare(a, b);
      assert.deepEqual(compare(b, a), comparison);
      assert.ok(Number.isInteger(comparison.compatibility));
      assert.ok(comparison.compatibility >= 0 && comparison.compatibility <= 100);
    };
    fc.assert(fc.property(anybody, anybody, isFair));
    fc.assert(fc.property(anyAnswers, anyAnswers, (a, b) => isFair(resultsOf(a), resultsOf(b))));
  });

  it("[CM3] with oneself is complete", () => {
    fc.assert(
      fc.property(anyAnswers, (answers) => {
        assert.equal(compatibility(resultsOf(answers), resultsOf(answers)), 100);
      }),
    );
  });
});

describe("what a comparison finds", () => {
  const found = (a: Partial<SubscaleScores>, b: Partial<SubscaleScores>): Comparison => compare(person(a), person(b));

  it("[CM4] strengths are what both have much of, or little where little is good", () => {
    for (const category of POSITIVE) {
      const both = (a: number, b: number) => found({ [category]: a }, { [category]: b }).strengths;
      assert.deepEqual(both(61, 61), [{ category, reason: "both_high" }]);
      assert.deepEqual(both(61, 60), []);
      assert.deepEqual(both(39, 39), []);
    }
    for (const category of NEGATIVE) {
      const both = (a: number, b: number) => found({ [category]: a }, { [category]: b }).strengths;
      assert.deepEqual(both(39, 39), [{ category, reason: "both_low" }]);
      assert.deepEqual(both(39, 40), []);
      assert.deepEqual(both(61, 61), []);
    }
    assert.equal(NEGATIVE.length, 4);
  });

  it("[CM4] growth is where both have little, or much where little is good, or are more than 30 apart", () => {
    for (const category of POSITIVE) {
      const both = (a: number | null, b: number) => found({ [category]: a }, { [category]: b }).growth;
      assert.deepEqual(both(39, 39), [{ category, reason: "both_low" }]);
      assert.deepEqual(both(39, 40), []);
      assert.deepEqual(both(35, 66), [{ category, reason: "far_apart" }]);
      assert.deepEqual(both(35, 65), []);
      assert.deepEqual(both(5, 39), [{ category, reason: "both_low" }]);
      assert.deepEqual(both(null, 0), []);
    }
    for (const category of NEGATIVE) {
      const both = (a: number, b: number) => found({ [category]: a }, { [category]: b }).growth;
      assert.deepEqual(both(61, 61), [{ category, reason: "both_high" }]);
      assert.deepEqual(both(61, 60), []);
      assert.deepEqual(both(66, 35), [{ category, reason: "far_apart" }]);
    }
    const { strengths, growth } = found({ openness: 65 }, { openness: 96 });
    assert.deepEqual(strengths, [{ category: "openness", reason: "both_high" }]);
    assert.deepEqual(growth, [{ category: "openness", reason: "far_apart" }]);
  });

  it("[CM5] risks are what both are high or low in beyond the ordinary, uneven power, and a partner left out by either", () => {
    const risks = (a: Scores, b: Scores) => compare(a, b).risks;
    const all = (composites: Partial<CompositeScores>) => person({}, composites);
    assert.deepEqual(risks(all({ CI: 71 }), all({ CI: 71 })), ["both_codependent"]);
    assert.deepEqual(risks(all({ CI: 71 }), all({ CI: 70 })), []);
    assert.deepEqual(risks(all({ ARI: 29 }), all({ ARI: 29 })), ["both_low_resilience"]);
    assert.deepEqual(risks(all({ ARI: 29 }), all({ ARI: 30 })), []);
    assert.deepEqual(risks(all({ TRS: 71 }), all({ TRS: 71 })), ["both_at_risk_in_transitions"]);
    assert.deepEqual(risks(all({ TRS: 70 }), all({ TRS: 71 })), []);
    assert.deepEqual(risks(person({ power_dynamics: 29 }), person({ power_dynamics: 70 })), ["power_imbalance"]);
    assert.deepEqual(risks(person({ power_dynamics: 30 }), person({ power_dynamics: 70 })), []);
    assert.deepEqual(risks(person({ communication: 29 }), person({ communication: 29 })), ["both_low_communication"]);
    assert.deepEqual(risks(person({ communication: 29 }), person({ communication: 30 })), []);
    assert.deepEqual(risks(person({ partner_inclusion: 29 }), person({ partner_inclusion: 99 })), ["partner_left_out"]);
    assert.deepEqual(risks(person(), person({ partner_inclusion: 29 })), ["partner_left_out"]);
    assert.deepEqual(risks(person({ partner_inclusion: 30 }), person({ partner_inclusion: null })), []);
    assert.deepEqual(risks(all({ CI: null, ARI: null, TRS: null }), all({ CI: 99, ARI: 0, TRS: 99 })), []);
    assert.deepEqual(risks(resultsOf(allOf(7)), resultsOf(allOf(7))), [
      "both_codependent",
      "both_at_risk_in_transitions",
    ]);
  });
});

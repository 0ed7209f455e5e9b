import assert from "node:assert/strict";
import fc from "fast-check";
import { comparisonView, resultsView } from "../../../domain/scoring/views.ts";
import { ComparisonView } from "../../../schema/wire/assessment-comparison.ts";
import { Access, Locale, ResultsView } from "../../../schema/wire/assessments.ts";
import { allBut, allOf, anyAnswers, resultsOf } from "../../support/assessment-answers.ts";

describe("what a person is shown", () => {
  const results = resultsOf(allBut(["CO", "BO"], 1));

  it("[SC15] of their results are, for everybody, composites, levels, the profile and what to be warned of", () => {
    const view = resultsView(resultsOf(allOf(7)), "free", "en");
    assert.deepEqual(view, {
      access: "free",
      scoringVersion: "1.0.0",
      bankVersion: "1.0.0",
      answered: 150,
      total: 150,
      composites: { CI: 100, ARI: 100, TRS: 100 },
      levels: { CI: "very_high", ARI: "very_high", TRS: "very_high" },
      profile: {
        id: "transition_vulnerable",
        name: "Transition-Vulnerable",
        description: "Changes between you and your twin, such as a move or a new partner, may be hard for you.",
      },
      warnings: [
        {
          id: "all_answers_equal",
          message: "All your answers are the same, so the scores may say little about you.",
        },
        {
          id: "mostly_end_points",
          message: "You chose mostly the two ends of the scale, so the scores may look stronger than you feel.",
        },
      ],
    });
  });

  it("[SC15] with premium also subscales, percentiles that are called approximate, and recommendations", () => {
    const view = resultsView(results, "premium", "en");
    assert.ok(view.access === "premium");
    assert.equal(view.subscales.communication, 40);
    assert.equal(view.subscaleLevels.communication, "moderate");
    assert.equal(view.subscales.boundaries, 50);
    assert.equal(view.percentiles.approximate, true);
    assert.match(view.percentiles.note, /^Approximate/);
    assert.equal(view.percentiles.subscales.communication, 50);
    assert.equal(view.percentiles.composites.CI, 50);
    assert.deepEqual(view.recommendations, []);
    const { access, ...free } = resultsView(results, "free", "en");
    assert.equal(access, "free");
    assert.deepEqual({ ...view, ...free }, view);
  });

  it("[SC10] each recommendation comes with an experiment: title, duration, instructions, outcome, metrics", () => {
    const view = resultsView(resultsOf(allOf((id) => (id === "CD001" ? 2 : 1))), "premium", "en");
    assert.ok(view.access === "premium");
    const [first] = view.recommendations;
    assert.deepEqual(
      view.recommendations.map(({ reason }) => reason),
      ["autonomy_resilience_low", "identity_fusion_low", "codependency_low"],
    );
    assert.equal(first?.title, "Build trust in your own strength");
    assert.equal(first?.experiment.title, "Something that is yours");
    assert.equal(first?.experiment.duration, "14 days");
    assert.equal(first?.experiment.durationDays, 14);
    assert.equal(first?.experiment.instructions.length, 3);
    assert.ok(first?.experiment.outcome);
    assert.ok(first?.experiment.metrics.length >= 2);
  });

  it("[SC15] is what was agreed on, whatever was answered, in every language", () => {
    const [access, locale] = [fc.constantFrom(...Access.options), fc.constantFrom(...Locale.options)];
    fc.assert(
      fc.property(anyAnswers, anyAnswers, access, locale, (yours, twins, access, locale) => {
        const [a, b] = [resultsOf(yours), resultsOf(twins)];
        const view = resultsView(a, access, locale);
        assert.deepEqual(ResultsView.parse(view), view);
        const comparison = comparisonView(a, b, access, locale);
        assert.deepEqual(ComparisonView.parse(comparison), comparison);
      }),
    );
  });

  it("[CM6] of a comparison is, for everybody, the compatibility; with premium both people's scores and what was found", () => {
    const [yours, twins] = [resultsOf(allOf(7)), resultsOf(allBut(["CD"], 1))];
    const free = comparisonView(yours, twins, "free", "de");
    assert.deepEqual(Object.keys(free), ["access", "compatibility"]);
    const view = comparisonView(yours, twins, "premium", "de");
    assert.ok(view.access === "premium");
    assert.equal(view.compatibility, free.compatibility);
    assert.equal(view.categories.length, 15);
    assert.deepEqual(
      view.categories.find(({ id }) => id === "codependency"),
      { id: "codependency", name: "Gegenseitige Abhängigkeit", yours: 100, twins: 0, difference: 100 },
    );
    assert.deepEqual(view.composites[0], { id: "CI", yours: 100, twins: 38, difference: 62 });
    assert.ok(
      view.growth.some(({ category, reason, message }) => {
        return category === "codependency" && reason === "far_apart" && message.startsWith("Eure Werte");
      }),
    );
  });

  it("[CM6] names each other's scores the other way round, and is the same in all else", () => {
    const turned = <Pairing extends { yours: unknown; twins: unknown }>(pairings: readonly Pairing[]) =>
      pairings.map((pairing) => ({ ...pairing, yours: pairing.twins, twins: pairing.yours }));
    fc.assert(
      fc.property(anyAnswers, anyAnswers, (a, b) => {
        const mine = comparisonView(resultsOf(a), resultsOf(b), "premium", "es");
        const theirs = comparisonView(resultsOf(b), resultsOf(a), "premium", "es");
        assert.ok(mine.access === "premium" && theirs.access === "premium");
        const { composites, categories } = mine;
        assert.deepEqual(theirs, { ...mine, composites: turned(composites), categories: turned(categories) });
      }),
      { numRuns: 20 },
    );
  });
});

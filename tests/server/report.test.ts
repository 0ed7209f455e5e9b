import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { extractText, getDocumentProxy } from "unpdf";
import { assessmentReports, type ReportContents } from "../../domain/assessment-reports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { score } from "../../domain/scoring/score.ts";
import { comparisonView, resultsView } from "../../domain/scoring/views.ts";
import {
  AssessmentId,
  type AssessmentView,
  type Locale,
  type PremiumResultsView,
} from "../../schema/wire/assessments.ts";
import { SessionId } from "../../schema/wire/ids.ts";
import { drawInThread } from "../../server/adapters/report/drawing.ts";
import { allBut, allOf, BANK } from "../support/assessment-answers.ts";
import { codeOf } from "../support/assessments-world.ts";
import { ada } from "../support/twins.ts";

const enmeshed = score(
  allOf((id) => (id.startsWith("AU") ? 1 : 6)),
  BANK,
);
const other = score(allBut(["CO"], 1), BANK);

function premium(locale: Locale): PremiumResultsView {
  const view = resultsView(enmeshed, "premium", locale);
  assert.ok(view.access === "premium");
  return view;
}

function compared(locale: Locale) {
  const view = comparisonView(enmeshed, other, "premium", locale);
  assert.ok(view.access === "premium");
  return view;
}

const contents = (locale: Locale, more: Partial<ReportContents> = {}): ReportContents => ({
  ...{ results: premium(locale), comparison: undefined, completedAt: Date.UTC(2026, 5, 15), locale, ...more },
});

async function read(bytes: Uint8Array) {
  const document = await getDocumentProxy(new Uint8Array(bytes));
  const { text, totalPages } = await extractText(document, { mergePages: true });
  return { text: text.replace(/\s+/g, " "), totalPages };
}

describe("the report of an assessment", function () {
  this.timeout(30_000);
  const draw = drawInThread();

  const says: Readonly<Record<Locale, readonly string[]>> = {
    en: ["Your assessment", "June 15, 2026", "150 of 150", "Codependency index", "Profile", "It is no test of health"],
    de: ["Deine Auswertung", "15. Juni 2026", "Index der Abhängigkeit", "Kein", "Prozentrang"],
    es: ["Tu evaluación", "15 de junio de 2026", "Índice de codependencia", "percentil"],
  };
  for (const [locale, words] of Object.entries(says))
    it(`[DR1] says in ${locale} what came of it`, async () => {
      const language = locale === "de" ? "de" : locale === "es" ? "es" : "en";
      const { text } = await read(await draw(contents(language)));
      for (const word of words) assert.ok(text.toLowerCase().includes(word.toLowerCase()), `${word} in: ${text}`);
      const { composites, profile, recommendations } = premium(language);
      for (const value of Object.values(composites)) assert.ok(text.includes(`${value} ·`));
      assert.ok(text.includes(profile.name));
      for (const { title, experiment } of recommendations)
        assert.ok(text.includes(title) && text.includes(experiment.title));
    });

  it("[DR2] holds the comparison when there is one, and no word of the twin otherwise", async () => {
    const alone = await read(await draw(contents("en")));
    const both = await read(await draw(contents("en", { comparison: compared("en") })));
    assert.ok(!/twin's|You and your twin/.test(alone.text.replaceAll("your twin's", "")), alone.text);
    assert.match(both.text, /You and your twin Your answers are alike by \d+ of 100/);
    assert.equal(both.totalPages, alone.totalPages + 1);
  });

  it("[DR1] what was not answered is said so, and drawn as nothing", async () => {
    const none = score(
      allOf(4).filter(({ itemId }) => !/^(?:EX|OP)/.test(itemId)),
      BANK,
    );
    const results = resultsView(none, "premium", "en");
    assert.ok(results.access === "premium");
    const { text } = await read(await draw(contents("en", { results })));
    assert.match(text, /130 of 150/);
    assert.match(text, /Extraversion –/);
  });

  it("[DR3] nobody waits for it: the event loop goes on, and a hundredth request is asked to come again", async () => {
    const before = performance.eventLoopUtilization();
    const asked = Array.from({ length: 40 }, async () => draw(contents("en")));
    const settled = await Promise.allSettled(asked);
    const { utilization } = performance.eventLoopUtilization(before);
    const refused = settled.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 20);
    for (const one of refused)
      assert.ok(one.status === "rejected" && one.reason instanceof Refusal && one.reason.code === "UNAVAILABLE");
    // Drawn here, it would never have been idle.
    assert.ok(utilization < 0.7, `busy for ${utilization}`);
    assert.ok((await draw(contents("en"))).length > 0);
  });

  it("[DR1] [DR2] is for who pays, and lacks a comparison rather than failing for it", async () => {
    const drawn: ReportContents[] = [];
    const id = AssessmentId.parse(crypto.randomUUID());
    const caller = { userId: ada, sessionId: SessionId.parse(ada), expiresAt: 0 };
    const session: AssessmentView = {
      ...{
        id,
        userId: ada,
        bankVersion: BANK,
        startDate: "",
        completionDate: "2026-06-15T00:00:00.000Z",
        responses: [],
      },
      ...{ answered: 150, total: 150, currentProgress: 100, isComplete: true, status: "completed" },
    };
    const reports = (access: "free" | "premium", look: () => Promise<ReturnType<typeof compared>>) =>
      assessmentReports({
        assessments: { look: async () => session, results: async () => resultsView(enmeshed, access, "en") },
        comparisons: { look },
        entitlements: { of: async () => new Set(access === "premium" ? ["pdf_export"] : []) },
        limits: { take: async () => ({ limit: 1, remaining: 1, resetMs: 0 }) },
        draw: async (of) => {
          drawn.push(of);
          return new Uint8Array(1);
        },
      });
    const refused = (code: "FORBIDDEN" | "UNAVAILABLE") => async () => {
      throw new Refusal(code, "no");
    };
    assert.equal(await codeOf(reports("free", async () => compared("en")).make(caller, id, "en")), "PREMIUM_REQUIRED");
    await reports("premium", refused("FORBIDDEN")).make(caller, id, "en");
    await reports("premium", async () => compared("en")).make(caller, id, "en");
    assert.deepEqual(
      drawn.map(({ comparison }) => comparison !== undefined),
      [false, true],
    );
    assert.equal(await codeOf(reports("premium", refused("UNAVAILABLE")).make(caller, id, "en")), "UNAVAILABLE");
    assert.equal(drawn.length, 2);
  });
});

import assert from "node:assert/strict";
import { cronbachAlpha } from "../../../domain/research/alpha.ts";
import { countBand, decadeOf, differenceBand, SCORE_BANDS, scoreBand } from "../../../domain/research/bands.ts";
import { csvOf } from "../../../domain/research/csv.ts";
import { eligibilityFor } from "../../../domain/research/eligibility.ts";
import { standingOf, yearAfter } from "../../../domain/research/standing.ts";

const DAY_MS = 86_400_000;

describe("who may take part in a study", () => {
  const asked = (birthDate: string | null, today: string, bothTwins = false, hasTwin = false) =>
    eligibilityFor({ bothTwins }, { birthDate, hasTwin }, today);

  it("[RK1] one is of age on the 18th birthday and not the day before; born on 29 February, on 1 March at the latest", () => {
    const rows: readonly [string, string, string][] = [
      ["2008-06-17", "2026-06-15", "too_young"],
      ["2008-06-16", "2026-06-15", "too_young"],
      ["2008-06-15", "2026-06-15", "eligible"],
      ["2008-06-13", "2026-06-15", "eligible"],
      ["2008-02-29", "2026-02-28", "too_young"],
      ["2008-02-29", "2026-03-01", "eligible"],
      ["2008-02-29", "2028-02-29", "eligible"],
    ];
    for (const [born, today, expected] of rows) assert.equal(asked(born, today), expected, `${born} on ${today}`);
  });

  it("[RK1] who has not said when they were born may not, and a study of both wants a twin", () => {
    assert.equal(asked(null, "2026-06-15"), "age_unknown");
    assert.equal(asked("1990-08-23", "2026-06-15", true), "twin_missing");
    assert.equal(asked("1990-08-23", "2026-06-15", true, true), "eligible");
    assert.equal(asked("1990-08-23", "2026-06-15"), "eligible");
  });
});

describe("how a consent stands", () => {
  const at = Date.UTC(2026, 5, 15, 12);

  it("[RK3] it is good for one year and for one version", () => {
    const given = { kind: "given" as const, version: 2, at };
    assert.equal(standingOf(given, 2, at), "holds");
    assert.equal(standingOf(given, 2, Date.UTC(2027, 5, 15, 12) - 1), "holds");
    assert.equal(standingOf(given, 2, Date.UTC(2027, 5, 15, 12)), "expired");
    assert.equal(standingOf(given, 3, at + DAY_MS), "outdated");
    assert.equal(standingOf({ ...given, kind: "withdrawn" }, 2, at), "withdrawn");
    assert.equal(standingOf(undefined, 2, at), "none");
    assert.equal(yearAfter(Date.UTC(2028, 1, 29)), Date.UTC(2029, 2, 1));
  });
});

describe("bands", () => {
  it("[RL3] scores stand in bands, alone or as a pair's mean, and how far two are apart too", () => {
    assert.deepEqual(SCORE_BANDS, ["very_low", "low", "moderate", "high", "very_high", "unknown"]);
    const rows: readonly [readonly (number | null)[], string, string][] = [
      [[0, 100], "moderate", "40 or more"],
      [[15, 16], "very_low", "under 10"],
      [[90, null], "very_high", "unknown"],
      [[null, null], "unknown", "unknown"],
      [[], "unknown", "unknown"],
      [[60, 50], "moderate", "10 to 19"],
      [[80, 60], "high", "20 to 39"],
    ];
    for (const [scores, band, difference] of rows) {
      assert.deepEqual([scoreBand(scores), differenceBand(scores)], [band, difference], String(scores));
    }
    assert.deepEqual(
      [countBand([]), countBand([0, 0]), countBand([1]), countBand([9, 10]), countBand([200])],
      ["unknown", "none", "1 to 9", "10 to 49", "200 or more"],
    );
  });

  it("[RL3] of a birthday the decade is left", () => {
    assert.deepEqual([decadeOf("1990-08-23"), decadeOf("1989-12-31")], ["1990s", "1980s"]);
  });
});

describe("CSV", () => {
  const line = (...cells: (string | number | null)[]) => csvOf(["a"], [cells]).split("\r\n")[1];

  it("[RL4] what a spreadsheet would run is text, in any cell and in the header, and numbers stay numbers", () => {
    const rows: readonly [string, string][] = [
      ["=1+1", "'=1+1"],
      ["+49", "'+49"],
      ["-3.5", "'-3.5"],
      ["@SUM(A1)", "'@SUM(A1)"],
      ["＝1", "'＝1"],
      ["－1", "'－1"],
      ["＋1", "'＋1"],
      ["＠x", "'＠x"],
      ["\t=1", `"'\t=1"`],
      ["\r=1", `"'\r=1"`],
      ["  =1", "'  =1"],
      ["\u200b=1", "'\u200b=1"],
      ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
      ["a=b", "a=b"],
    ];
    for (const [text, expected] of rows) assert.equal(line(text), expected, JSON.stringify(text));
    assert.equal(line(-3.5, 0, null), "-3.5,0,");
    assert.match(csvOf(["=cmd", "b"], []), /^'=cmd,b\r\n$/);
  });

  it("[RL4] quotes, commas and line breaks stay in their cell", () => {
    assert.equal(csvOf(["a", "b"], [['say "hi"', "x,y"]]), 'a,b\r\n"say ""hi""","x,y"\r\n');
    assert.equal(csvOf(["a"], [["one\ntwo"]]), 'a\r\n"one\ntwo"\r\n');
    assert.equal(line("", " x"), '""," x"');
  });
});

describe("Cronbach's alpha", () => {
  it("[RL5] is that of the textbook, of real answers", () => {
    // Worked out by hand: variances 1, 1 and 4/3, that of the sums 28/3.
    const answers = [
      [1, 2, 1],
      [2, 3, 3],
      [3, 4, 3],
    ];
    const alpha = cronbachAlpha(answers) ?? Number.NaN;
    assert.ok(Math.abs(alpha - 1.5 * (1 - (1 + 1 + 4 / 3) / (28 / 3))) < 1e-12);
    const same = [1, 4, 7].map((value) => [value, value, value, value]);
    assert.ok(Math.abs((cronbachAlpha(same) ?? 0) - 1) < 1e-12);
  });

  it("[RL5] says nothing of one person, one item, or people who are all alike", () => {
    assert.equal(cronbachAlpha([]), null);
    assert.equal(cronbachAlpha([[1, 2]]), null);
    assert.equal(cronbachAlpha([[1], [2]]), null);
    assert.equal(
      cronbachAlpha([
        [3, 4],
        [3, 4],
      ]),
      null,
    );
  });
});

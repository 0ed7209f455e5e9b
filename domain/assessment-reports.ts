import type { PremiumComparisonView } from "../schema/wire/assessment-comparison.ts";
import type { AssessmentId, Locale, PremiumResultsView } from "../schema/wire/assessments.ts";
import type { Assessments } from "./assessments.ts";
import type { Comparisons } from "./comparisons.ts";
import type { Caller, Entitlements, Limits } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { needEntitlement, premiumRequired } from "./subscriptions/premium.ts";

/** What a report says, in the reader's language. */
export interface ReportContents {
  readonly results: PremiumResultsView;
  /** While both twins agree to it. */
  readonly comparison: PremiumComparisonView | undefined;
  /** Milliseconds since 1970. */
  readonly completedAt: number;
  readonly locale: Locale;
}

/** Makes a PDF of it, outside the event loop. */
export type DrawReport = (contents: ReportContents) => Promise<Uint8Array>;

export interface AssessmentReportsDeps {
  readonly assessments: Pick<Assessments, "look" | "results">;
  readonly comparisons: Pick<Comparisons, "look">;
  readonly entitlements: Entitlements;
  readonly limits: Pick<Limits, "take">;
  readonly draw: DrawReport;
}

export type AssessmentReports = ReturnType<typeof assessmentReports>;

/** One's results on paper, with the pair's comparison if both agree to that. */
export function assessmentReports({ assessments, comparisons, entitlements, limits, draw }: AssessmentReportsDeps) {
  async function comparisonFor(caller: Caller, locale: Locale): Promise<PremiumComparisonView | undefined> {
    try {
      const seen = await comparisons.look(caller, locale);
      return seen.access === "premium" ? seen : undefined;
    } catch (error) {
      // That there is nothing to compare is no reason to have no report.
      if (error instanceof Refusal && MAY_LACK.has(error.code)) return undefined;
      throw error;
    }
  }

  return {
    /** Throws NOT_FOUND, CONFLICT until it is completed, and PREMIUM_REQUIRED. */
    async make(caller: Caller, id: AssessmentId, locale: Locale): Promise<Uint8Array> {
      const results = await assessments.results(caller, id, locale);
      await needEntitlement(entitlements, caller.userId, "pdf_export");
      if (results.access !== "premium") throw premiumRequired();
      await limits.take("reports.drawn", caller.userId);
      const { completionDate } = await assessments.look(caller, id);
      const comparison = await comparisonFor(caller, locale);
      return draw({ results, comparison, completedAt: Date.parse(completionDate ?? ""), locale });
    },
  };
}

const MAY_LACK: ReadonlySet<string> = new Set(["NOT_PAIRED", "FORBIDDEN", "CONFLICT"]);

import { createHash } from "node:crypto";
import { z } from "zod";
import type { AssessmentReports } from "../../domain/assessment-reports.ts";
import type { Assessments } from "../../domain/assessments.ts";
import type { Comparisons } from "../../domain/comparisons.ts";
import type { Consents } from "../../domain/consents.ts";
import { bankView } from "../../domain/scoring/bank.ts";
import { ComparisonView } from "../../schema/wire/assessment-comparison.ts";
import {
  AssessmentId,
  AssessmentStatus,
  AssessmentView,
  BankView,
  Locale,
  Respond,
  ResultsView,
  StartAssessment,
} from "../../schema/wire/assessments.ts";
import { ChangeConsents, ConsentsView } from "../../schema/wire/consents.ts";
import { Listed, nextCursor } from "../../schema/wire/lists.ts";
import { Answer, Filed, nothing, openRoute, type Route, route } from "../route.ts";

export interface AssessmentRoutesDeps {
  readonly assessments: Pick<Assessments, "start" | "list" | "look" | "respond" | "results">;
  readonly consents: Consents;
  readonly comparisons: Pick<Comparisons, "look">;
  readonly assessmentReports: AssessmentReports;
}

const one = z.object({ params: z.object({ id: AssessmentId }) });

/** Texts come in the reader's language, so an answer is of use to who reads the same. */
const BY_LANGUAGE = { Vary: "Accept-Language" };
const inLanguage = <Reply>(reply: Reply) => new Answer(reply, { headers: BY_LANGUAGE });

/** Of the words, too: a mended one is told. */
function tagOf(bank: BankView): string {
  const digest = createHash("sha256").update(JSON.stringify(bank)).digest("base64url").slice(0, 16);
  return `"${bank.version}-${bank.locale}-${digest}"`;
}

/** What everybody is asked is the same for all: kept by who has it, and asked again after an hour whether it still is. */
function bankRoute(): Route {
  const tags = new Map(Locale.options.map((locale) => [locale, tagOf(bankView(locale))]));
  return openRoute(
    "none",
    {
      method: "get",
      path: "/assessments/items",
      summary: "The questions, in the language that is accepted: en, de or es; If-None-Match is heeded",
      asks: nothing,
      reply: z.object({ bank: BankView }),
    },
    async ({ locale, ifNoneMatch = "" }) => {
      const ETag = tags.get(locale) ?? "";
      const headers = { ...BY_LANGUAGE, ETag, "Content-Language": locale, "Cache-Control": "public, max-age=3600" };
      const known = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
      const status = known.includes(ETag) || known.includes("*") ? 304 : 200;
      return new Answer({ bank: bankView(locale) }, { headers, status });
    },
  );
}

/** The questions, one's answers, what comes of them, and what two twins may see of each other's. */
export const assessmentRoutes = ({
  assessments,
  consents,
  comparisons,
  assessmentReports,
}: AssessmentRoutesDeps): readonly Route[] => [
  bankRoute(),
  route(
    {
      method: "post",
      path: "/assessments",
      summary: "Begin; 200 with the open one if there is one, begun on whatever device",
      asks: z.object({ body: StartAssessment }),
      reply: z.object({ session: AssessmentView }),
      status: 201,
    },
    async ({ caller, body }) => {
      const { session, isResumed } = await assessments.start(caller, body.bankVersion);
      return new Answer({ session }, isResumed ? { status: 200 } : {});
    },
  ),
  route(
    {
      method: "get",
      path: "/assessments",
      summary: "One's own, the newest first",
      asks: z.object({ query: Listed.extend({ status: AssessmentStatus.optional() }) }),
      reply: z.object({ assessments: z.array(AssessmentView).readonly(), nextCursor }),
    },
    async ({ caller, query }) => {
      const { items, nextCursor } = await assessments.list(caller, query);
      return { assessments: items, nextCursor };
    },
  ),
  route(
    {
      method: "get",
      path: "/assessments/pair",
      summary: "One's results beside the twin's, while both have agreed to that",
      asks: nothing,
      reply: z.object({ comparison: ComparisonView }),
    },
    async ({ caller, locale }) => inLanguage({ comparison: await comparisons.look(caller, locale) }),
  ),
  route(
    {
      method: "get",
      path: "/assessments/:id",
      summary: "One of one's own, with the last answer to each item",
      asks: one,
      reply: z.object({ session: AssessmentView }),
    },
    async ({ caller, params }) => ({ session: await assessments.look(caller, params.id) }),
  ),
  route(
    {
      method: "post",
      path: "/assessments/:id/responses",
      summary: "Answer, all of it or nothing; with isComplete it is scored, from 105 answered items on",
      asks: one.extend({ body: Respond }),
      reply: z.object({ session: AssessmentView, results: ResultsView.optional() }),
    },
    async ({ caller, params, body, locale }) => inLanguage(await assessments.respond(caller, params.id, body, locale)),
  ),
  route(
    {
      method: "get",
      path: "/assessments/:id/results",
      summary: "What came of a completed one",
      asks: one,
      reply: z.object({ results: ResultsView }),
    },
    async ({ caller, params, locale }) => inLanguage({ results: await assessments.results(caller, params.id, locale) }),
  ),
  route(
    {
      method: "get",
      path: "/assessments/:id/report.pdf",
      summary: "The results as a document, with the comparison while both twins agree to it; with premium",
      asks: one,
      reply: nothing,
      produces: "application/pdf",
    },
    async ({ caller, params, locale }) =>
      new Filed(await assessmentReports.make(caller, params.id, locale), {
        ...BY_LANGUAGE,
        "Content-Language": locale,
        "Content-Disposition": 'attachment; filename="twinship-assessment.pdf"',
      }),
  ),
  route(
    {
      method: "get",
      path: "/users/consents",
      summary: "What one has agreed to, and when one said so",
      asks: nothing,
      reply: ConsentsView,
    },
    ({ caller }) => consents.look(caller),
  ),
  route(
    {
      method: "put",
      path: "/users/consents",
      summary: "Agree, or agree no longer; what is left out stays as it is",
      asks: z.object({ body: ChangeConsents }),
      reply: ConsentsView,
    },
    ({ caller, body }) => consents.change(caller, body),
  ),
];

import { z } from "zod";
import type { Contributions } from "../../domain/contributions.ts";
import type { Studies } from "../../domain/studies.ts";
import type { StudyConsents } from "../../domain/study-consents.ts";
import type { TelemetryTaking } from "../../domain/telemetry.ts";
import { Listed, nextCursor } from "../../schema/wire/lists.ts";
import {
  ConsentRecord,
  ContributionView,
  GiveConsent,
  ParticipationsView,
  StudyId,
  StudyView,
  WholeStudyView,
  WithdrawalView,
  WithdrawConsent,
} from "../../schema/wire/research.ts";
import { Taken, TELEMETRY_BYTES, Telemetry } from "../../schema/wire/telemetry.ts";
import { storable } from "../../schema/wire/text.ts";
import { Answer, nothing, type Route, route } from "../route.ts";

export interface ResearchDeps {
  readonly studies: Pick<Studies, "list" | "look">;
  readonly studyConsents: StudyConsents;
  readonly contributions: Contributions;
  readonly telemetry: TelemetryTaking;
}

const one = z.object({ params: z.object({ id: StudyId }) });

/** Texts come in the reader's language, so an answer is of use to who reads the same. */
const inLanguage = <Reply>(reply: Reply, status = 200) =>
  new Answer(reply, { status, headers: { Vary: "Accept-Language" } });

/** Studies, what one agrees to, what one gives, and how to stop. None of it changes anything else in the app. */
export const researchRoutes = ({
  studies,
  studyConsents,
  contributions,
  telemetry,
}: ResearchDeps): readonly Route[] => [
  route(
    {
      method: "get",
      path: "/research/studies",
      summary: "What is being studied; with q those in which all its words occur",
      asks: z.object({ query: Listed.extend({ q: storable(200).optional() }) }),
      reply: z.object({ studies: z.array(StudyView).readonly(), nextCursor }),
    },
    async ({ caller, query, locale }) => {
      const { items, nextCursor } = await studies.list(caller, query, locale);
      return inLanguage({ studies: items, nextCursor });
    },
  ),
  route(
    {
      method: "get",
      path: "/research/studies/:id",
      summary: "One study, with the words that whoever takes part agrees to",
      asks: one,
      reply: z.object({ study: WholeStudyView }),
    },
    async ({ caller, params, locale }) => inLanguage({ study: await studies.look(caller, params.id, locale) }),
  ),
  route(
    {
      method: "post",
      path: "/research/studies/:id/consent",
      summary: "Take part: for one year, in the words of consentVersion; from 18 years on, in at most three studies",
      asks: one.extend({ body: GiveConsent }),
      reply: z.object({ consentRecord: ConsentRecord }),
      status: 201,
    },
    async ({ caller, params, body, ip, locale }) => ({
      consentRecord: await studyConsents.give(caller, params.id, body, { ip, locale }),
    }),
  ),
  route(
    {
      method: "delete",
      path: "/research/studies/:id/consent",
      summary: "Take part no longer, from this moment on; disposition says what becomes of what was given",
      asks: one.extend({ body: WithdrawConsent }),
      reply: z.object({ withdrawal: WithdrawalView }),
    },
    async ({ caller, params, body, ip }) => ({
      withdrawal: await studyConsents.withdraw(caller, params.id, body, { ip }),
    }),
  ),
  route(
    {
      method: "get",
      path: "/research/participation",
      summary: "The studies one agreed to or left, with receipts, and in plain words what is done with what one gives",
      asks: nothing,
      reply: ParticipationsView,
    },
    async ({ caller, locale }) => inLanguage(await studyConsents.look(caller, locale)),
  ),
  route(
    {
      method: "get",
      path: "/research/contributions",
      summary: "What one gave, by study, kind and day",
      asks: z.object({ query: Listed }),
      reply: z.object({ contributions: z.array(ContributionView).readonly(), nextCursor }),
    },
    async ({ caller, query }) => {
      const { items, nextCursor } = await contributions.list(caller, query);
      return { contributions: items, nextCursor };
    },
  ),
  route(
    {
      method: "post",
      path: "/research/telemetry",
      summary: "How the app is used, for the studies one agreed to: one event, or up to 1,000 in a batch of 1 MiB",
      asks: z.object({ body: Telemetry }),
      reply: Taken,
      status: 202,
      bodyBytes: TELEMETRY_BYTES,
    },
    ({ caller, body }) => telemetry.take(caller, body),
  ),
];

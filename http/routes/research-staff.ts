import { z } from "zod";
import type { Releases } from "../../domain/releases.ts";
import {
  AskExport,
  AskRelease,
  type ReleaseFormat,
  ReleaseId,
  ReleaseView,
  StaffStudyView,
  StudyId,
} from "../../schema/wire/research.ts";
import { Filed, nothing, type Route, staffRoute } from "../route.ts";

export interface StudyStaffRoutesDeps {
  readonly releases: Pick<Releases, "studies" | "ask" | "approve" | "read">;
}

const TYPES: Readonly<Record<ReleaseFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  json: "application/json",
  parquet: "application/vnd.apache.parquet",
  manifest: "application/json",
  report: "application/json",
};

/** What researchers and owners of a study do, and nobody else: not for twins, and not for an admin either. */
export const studyStaffRoutes = ({ releases }: StudyStaffRoutesDeps): readonly Route[] => [
  staffRoute(
    {
      method: "get",
      path: "/staff/studies",
      summary: "The studies one has a part in, with their releases and how alike the pairs in them are",
      asks: nothing,
      reply: z.object({ studies: z.array(StaffStudyView).readonly() }),
    },
    async ({ caller }) => ({ studies: await releases.studies(caller) }),
  ),
  staffRoute(
    {
      method: "post",
      path: "/staff/releases",
      summary: "Make the next release of a study, which then waits for an owner's yes",
      asks: z.object({ body: AskRelease }),
      reply: z.object({ release: ReleaseView }),
      status: 201,
    },
    async ({ caller, body }) => ({ release: await releases.ask(caller, body.studyId) }),
  ),
  staffRoute(
    {
      method: "post",
      path: "/staff/releases/:id/approve",
      summary: "Say yes to a release, as an owner of its study who did not ask for it",
      asks: z.object({ params: z.object({ id: ReleaseId }) }),
      reply: z.object({ release: ReleaseView }),
    },
    async ({ caller, params }) => ({ release: await releases.approve(caller, params.id) }),
  ),
  staffRoute(
    {
      method: "get",
      path: "/research/export/:studyId",
      summary: "The newest approved release of a study: csv, json, parquet, its report or its manifest",
      asks: z.object({ params: z.object({ studyId: StudyId }), query: AskExport }),
      reply: nothing,
      produces: "text/csv",
    },
    async ({ caller, params, query: { format } }) => {
      const { name, bytes, sha256 } = await releases.read(caller, params.studyId, format);
      return new Filed(bytes, {
        "Content-Type": TYPES[format],
        "Content-Disposition": `attachment; filename="${name}"`,
        "Cache-Control": "no-store",
        ETag: `"${sha256}"`,
      });
    },
  ),
];

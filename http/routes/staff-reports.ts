import { z } from "zod";
import type { Moderation } from "../../domain/moderation.ts";
import type { ReportedMediaDesk } from "../../domain/reported-media.ts";
import { MediaId } from "../../schema/wire/ids.ts";
import {
  DecidedReport,
  DecideReport,
  ListReports,
  ReportedMedia,
  ReportedMediaLink,
  ReportId,
  ReportPage,
} from "../../schema/wire/moderation.ts";
import { Filed, nothing, type Route, staffRoute } from "../route.ts";
import { API } from "../serve.ts";

export interface ModerationRoutesDeps {
  readonly moderation: Pick<Moderation, "list" | "decide">;
  readonly reportedMedia: ReportedMediaDesk;
}

const OneReported = z.object({ id: ReportId, mediaId: MediaId });

/** What people report, and what becomes of it. */
export const moderationRoutes = ({ moderation, reportedMedia }: ModerationRoutesDeps): readonly Route[] => [
  staffRoute(
    {
      method: "get",
      path: "/staff/reports",
      summary:
        "What people reported, with the messages as they were: open, the oldest first, or decided, the newest first",
      asks: z.object({ query: ListReports }),
      reply: ReportPage,
    },
    async ({ caller, query }) => {
      const { items: reports, nextCursor } = await moderation.list(caller, query);
      return { reports, nextCursor };
    },
  ),
  staffRoute(
    {
      method: "post",
      path: "/staff/reports/:id/decision",
      summary: "Decide a report: dismiss it, warn or suspend who was reported, or remove their messages in it",
      asks: z.object({ params: z.object({ id: ReportId }), body: DecideReport }),
      reply: z.object({ report: DecidedReport }),
      // It reaches into a room, which waits for no transaction; saying the same again is answered the same anyway.
      repeats: "none",
    },
    async ({ caller, params, body }) => ({ report: await moderation.decide(caller, params.id, body) }),
  ),
  staffRoute(
    {
      method: "post",
      path: "/staff/reports/:id/media/:mediaId",
      summary:
        "A picture or recording of a report that is open, by a link for whoever asks: nobody else decides meanwhile",
      asks: z.object({ params: OneReported }),
      reply: z.object({ media: ReportedMedia }),
      // A link is of the moment it was asked for.
      repeats: "none",
    },
    async ({ caller, params }) => {
      const { until, signature, ...media } = await reportedMedia.look(caller, params.id, params.mediaId);
      const url = `${API}/staff/reports/${params.id}/media/${media.id}?${new URLSearchParams({ until: String(until), signature })}`;
      return { media: { ...media, url, expiresAt: new Date(until).toISOString() } };
    },
  ),
  staffRoute(
    {
      method: "get",
      path: "/staff/reports/:id/media/:mediaId",
      summary: "What lies behind such a link, for whom it was given to, while the report is theirs",
      asks: z.object({ params: OneReported, query: ReportedMediaLink }),
      reply: nothing,
      produces: "application/octet-stream",
    },
    async ({ caller, params, query }) => {
      const { bytes, contentType } = await reportedMedia.open(caller, params.id, params.mediaId, query);
      return new Filed(bytes, { "Content-Type": contentType, "Cache-Control": "no-store" });
    },
  ),
];

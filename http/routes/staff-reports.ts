import { z } from "zod";
import type { Moderation } from "../../domain/moderation.ts";
import { DecidedReport, DecideReport, ListReports, ReportId, ReportPage } from "../../schema/wire/moderation.ts";
import { type Route, staffRoute } from "../route.ts";

export interface ModerationRoutesDeps {
  readonly moderation: Pick<Moderation, "list" | "decide">;
}

/** What people report, and what becomes of it. */
export const moderationRoutes = ({ moderation }: ModerationRoutesDeps): readonly Route[] => [
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
];

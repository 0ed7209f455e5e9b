import { z } from "zod";
import type { Invitations } from "../../domain/invitations.ts";
import { Listed, nextCursor } from "../../schema/wire/lists.ts";
import {
  InvitationAnalytics,
  InvitationId,
  InvitationPreview,
  InvitationToken,
  InvitationView,
  Invite,
  Paired,
} from "../../schema/wire/twins.ts";
import { nothing, openRoute, type Route, route } from "../route.ts";

/** One place in the address, whether one names it by its id or by its link. */
const byId = z.object({ params: z.object({ invitation: InvitationId }) });
const byToken = z.object({ params: z.object({ invitation: InvitationToken }) });

/** Asking somebody to be one's twin, and answering. */
export const invitationRoutes = (
  invitations: Pick<Invitations, "invite" | "list" | "preview" | "accept" | "decline" | "resend" | "cancel">,
): readonly Route[] => [
  route(
    {
      method: "post",
      path: "/twins/invite",
      summary: "Invite somebody by mail, by text message, or both",
      asks: z.object({ body: Invite }),
      reply: z.object({ invitation: InvitationView }),
      status: 201,
    },
    async ({ caller, body }) => ({ invitation: await invitations.invite(caller, body) }),
  ),
  route(
    {
      method: "get",
      path: "/twins/invitations",
      summary: "The invitations one sent, the newest first, and what became of all of them",
      asks: z.object({ query: Listed }),
      reply: z.object({
        invitations: z.array(InvitationView).readonly(),
        analytics: InvitationAnalytics,
        nextCursor,
      }),
    },
    ({ caller, query }) => invitations.list(caller, query),
  ),
  openRoute(
    "none",
    {
      method: "get",
      path: "/twins/invitations/:invitation",
      summary: "What an invitation says, for whoever has its link; looking changes nothing",
      asks: byToken,
      reply: z.object({ invitation: InvitationPreview }),
    },
    async ({ params }) => ({ invitation: await invitations.preview(params.invitation) }),
  ),
  route(
    {
      method: "post",
      path: "/twins/invitations/:invitation/accept",
      summary: "Accept: the two are twins from then on. Accepting twice is accepting once",
      asks: byToken,
      reply: Paired,
    },
    ({ caller, params }) => invitations.accept(caller, params.invitation),
  ),
  openRoute(
    "optional",
    {
      method: "post",
      path: "/twins/invitations/:invitation/decline",
      summary: "Decline, with or without an account",
      asks: byToken,
      reply: nothing,
    },
    async ({ caller, params }) => {
      await invitations.decline(caller, params.invitation);
      return {};
    },
  ),
  route(
    {
      method: "post",
      path: "/twins/invitations/:invitation/resend",
      summary: "Send it once more",
      asks: byId,
      reply: z.object({ invitation: InvitationView }),
    },
    async ({ caller, params }) => ({ invitation: await invitations.resend(caller, params.invitation) }),
  ),
  route(
    {
      method: "delete",
      path: "/twins/invitations/:invitation",
      summary: "Cancel: its link and its code count no more",
      asks: byId,
      reply: nothing,
    },
    async ({ caller, params }) => {
      await invitations.cancel(caller, params.invitation);
      return {};
    },
  ),
];

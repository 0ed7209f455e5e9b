import { z } from "zod";
import type { StaffPeople } from "../../domain/staff-people.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { ExportAsked } from "../../schema/wire/privacy.ts";
import { ActOnPerson, FindPeople, PeopleFound } from "../../schema/wire/staff-people.ts";
import { type Route, staffRoute } from "../route.ts";

export interface PeopleRoutesDeps {
  readonly staffPeople: StaffPeople;
}

const Person = z.object({ params: z.object({ id: UserId }), body: ActOnPerson });

const Done = z.object({ message: z.string() });

/** What can be seen of somebody, and done for them. */
export const peopleRoutes = ({ staffPeople }: PeopleRoutesDeps): readonly Route[] => [
  staffRoute(
    {
      method: "get",
      path: "/staff/people",
      summary: "How things stand with whoever has that id or that whole address; why is noted, and shown to them",
      asks: z.object({ query: FindPeople }),
      reply: PeopleFound,
    },
    async ({ caller, query }) => ({ people: await staffPeople.find(caller, query) }),
  ),
  ...actions(staffPeople),
  staffRoute(
    {
      method: "post",
      path: "/staff/people/:id/export",
      summary: "Start a copy of all we have of somebody, for them alone",
      asks: Person,
      reply: z.object({ export: ExportAsked }),
      status: 202,
    },
    async ({ caller, params, body }) => ({ export: await staffPeople.startExport(caller, params.id, body) }),
  ),
  staffRoute(
    {
      method: "post",
      path: "/staff/people/:id/delete",
      summary: "Delete somebody's account, as they asked for; for 14 days it comes back by signing in",
      asks: Person,
      reply: z.object({ deletionDueAt: z.iso.datetime() }),
      // Two who pair meanwhile make it begin again, which it can only by itself.
      repeats: "none",
    },
    async ({ caller, params, body }) => ({
      deletionDueAt: await staffPeople.startDeletion(caller, params.id, body),
    }),
  ),
];

function actions(staffPeople: StaffPeople): readonly Route[] {
  const action = (
    name: string,
    summary: string,
    message: string,
    act: (...asked: Parameters<StaffPeople["suspend"]>) => Promise<void>,
  ) =>
    staffRoute(
      { method: "post", path: `/staff/people/:id/${name}`, summary, asks: Person, reply: Done },
      async ({ caller, params, body }) => {
        await act(caller, params.id, body);
        return { message };
      },
    );
  return [
    action(
      "suspend",
      "Suspend somebody: signed out everywhere at once, and told how to object",
      "They are suspended",
      staffPeople.suspend,
    ),
    action("restore", "Let somebody who was suspended sign in again", "They may sign in again", staffPeople.restore),
    action("end-sessions", "Sign somebody out everywhere", "They are signed out", staffPeople.endSessions),
    action(
      "resend-verification",
      "Mail somebody the link again that confirms their address",
      "The link is on its way",
      staffPeople.resendVerification,
    ),
  ];
}

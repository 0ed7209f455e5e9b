import { z } from "zod";
import type { Staff } from "../../domain/staff.ts";
import { StaffLogin, StaffMe, StaffToken } from "../../schema/wire/staff.ts";
import { nothing, openRoute, type Route, staffRoute } from "../route.ts";
import { type DeskRoutesDeps, deskRoutes } from "./staff-desk.ts";
import { type PeopleRoutesDeps, peopleRoutes } from "./staff-people.ts";
import { type ModerationRoutesDeps, moderationRoutes } from "./staff-reports.ts";

export interface StaffRoutesDeps extends ModerationRoutesDeps, PeopleRoutesDeps, DeskRoutesDeps {
  readonly staff: Pick<Staff, "login" | "authenticate" | "me" | "logout">;
}

/** How those who work here sign in, and all that they can do. */
export const staffRoutes = (deps: StaffRoutesDeps): readonly Route[] => [
  ...signInRoutes(deps),
  ...moderationRoutes(deps),
  ...peopleRoutes(deps),
  ...deskRoutes(deps),
];

const signInRoutes = ({ staff }: Pick<StaffRoutesDeps, "staff">): readonly Route[] => [
  openRoute(
    "none",
    {
      method: "post",
      path: "/staff/login",
      summary: "Sign in as one of those who work here, with a code of an authenticator; for a quarter of an hour",
      asks: z.object({ body: StaffLogin }),
      reply: StaffToken,
      // Neither a password nor a token is a thing to keep.
      repeats: "none",
    },
    ({ body, ip }) => staff.login(body, { ip }),
  ),
  staffRoute(
    {
      method: "get",
      path: "/staff/me",
      summary: "Who one is, and what one may do",
      asks: nothing,
      reply: StaffMe,
    },
    async ({ caller }) => ({ member: staff.me(caller) }),
  ),
  staffRoute(
    {
      method: "post",
      path: "/staff/logout",
      summary: "End this sign-in",
      asks: nothing,
      reply: nothing,
      repeats: "none",
    },
    async ({ caller }) => {
      await staff.logout(caller);
      return {};
    },
  ),
];

import { z } from "zod";
import type { Accounts } from "../../domain/accounts.ts";
import type { Addresses } from "../../domain/addresses.ts";
import type { Passwords } from "../../domain/passwords.ts";
import type { Phones } from "../../domain/phones.ts";
import type { Sessions } from "../../domain/sessions.ts";
import type { SignIns } from "../../domain/sign-ins.ts";
import { Login, Logout, Refresh, Register, SessionView, TokensView, UserView } from "../../schema/wire/accounts.ts";
import { SessionId } from "../../schema/wire/ids.ts";
import { nothing, openRoute, type Route, route } from "../route.ts";
import { proofRoutes } from "./proofs.ts";

export interface AuthDeps {
  readonly accounts: Pick<Accounts, "register" | "login" | "me">;
  readonly addresses: Pick<Addresses, "verify" | "resend" | "forgot" | "change">;
  readonly passwords: Pick<Passwords, "reset" | "change">;
  readonly phones: Pick<Phones, "ask" | "prove">;
  readonly signIns: Pick<SignIns, "list">;
  readonly sessions: Pick<Sessions, "refresh" | "logout" | "list" | "end">;
}

const SignedIn = z.object({ user: UserView, tokens: TokensView });

/** Keys of repeats mean nothing here: a sign-in is made anew each time, and a refresh token is a key of its own. */
const repeats = "none";

/** How somebody becomes one of us, comes, stays and goes. */
export const authRoutes = ({ accounts, sessions, ...proofs }: AuthDeps): readonly Route[] => [
  ...proofRoutes(proofs),
  openRoute(
    "none",
    {
      method: "post",
      path: "/auth/register",
      summary: "Sign up, and be signed in",
      asks: z.object({ body: Register }),
      reply: SignedIn.extend({ requiresEmailVerification: z.boolean() }),
      status: 201,
      repeats,
    },
    ({ body, ip }) => accounts.register(body, { ip }),
  ),
  openRoute(
    "none",
    {
      method: "post",
      path: "/auth/login",
      summary: "Sign in; the same deviceId again ends that device's session of before",
      asks: z.object({ body: Login }),
      reply: SignedIn,
      repeats,
    },
    ({ body, ip }) => accounts.login(body, { ip }),
  ),
  openRoute(
    "none",
    {
      method: "post",
      path: "/auth/refresh",
      summary: "Exchange a refresh token for the next pair of tokens",
      asks: z.object({ body: Refresh }),
      reply: z.object({ tokens: TokensView }),
      repeats,
    },
    async ({ body }) => ({ tokens: await sessions.refresh(body) }),
  ),
  openRoute(
    "optional",
    {
      method: "post",
      path: "/auth/logout",
      summary: "Sign out here, or everywhere; by the access token, by a refresh token, or both",
      asks: z.object({ body: Logout }),
      reply: nothing,
      repeats,
    },
    async ({ caller, body }) => {
      await sessions.logout(caller, body);
      return {};
    },
  ),
  route(
    {
      method: "get",
      path: "/auth/me",
      summary: "Who is signed in",
      asks: nothing,
      reply: z.object({ user: UserView }),
    },
    async ({ caller }) => ({ user: await accounts.me(caller) }),
  ),
  route(
    {
      method: "get",
      path: "/auth/sessions",
      summary: "Where one is signed in, the session used last first",
      asks: nothing,
      reply: z.object({ sessions: z.array(SessionView).readonly() }),
    },
    async ({ caller }) => ({ sessions: await sessions.list(caller) }),
  ),
  route(
    {
      method: "delete",
      path: "/auth/sessions/:id",
      summary: "End one of one's own sessions; its sockets close",
      asks: z.object({ params: z.object({ id: SessionId }) }),
      reply: nothing,
      repeats,
    },
    async ({ caller, params }) => {
      await sessions.end(caller, params.id);
      return {};
    },
  ),
];

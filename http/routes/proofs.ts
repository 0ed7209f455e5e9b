import { z } from "zod";
import {
  ChangeEmail,
  ChangePassword,
  NameAddress,
  NamePhone,
  ProvePhone,
  ResetPassword,
  SignInView,
  VerifyEmail,
} from "../../schema/wire/accounts.ts";
import { Listed, nextCursor } from "../../schema/wire/lists.ts";
import { openRoute, type Route, route } from "../route.ts";
import type { AuthDeps } from "./auth.ts";

type ProofDeps = Pick<AuthDeps, "addresses" | "passwords" | "phones" | "signIns">;

const Said = z.object({ message: z.string() });

/** Each of these says itself what a repeat does. */
const repeats = "none";

/** The same whether or not anybody has the address. */
const MAILED = { message: "If this address has an account, there is mail for it now" };

/** What proves that an address, a number or an account is somebody's. */
export const proofRoutes = ({ addresses, passwords, phones, signIns }: ProofDeps): readonly Route[] => [
  openRoute(
    "none",
    {
      method: "post",
      path: "/auth/verify-email",
      summary: "Press the button of a mailed link: the address is confirmed. Pressing twice is pressing once",
      asks: z.object({ body: VerifyEmail }),
      reply: Said,
      repeats,
    },
    async ({ body }) => {
      await addresses.verify(body.token);
      return { message: "Your address is confirmed" };
    },
  ),
  openRoute(
    "none",
    {
      method: "post",
      path: "/auth/resend-verification",
      summary: "Mail the link to confirm an address again",
      asks: z.object({ body: NameAddress }),
      reply: Said,
      repeats,
    },
    async ({ body }) => {
      await addresses.resend(body.email);
      return MAILED;
    },
  ),
  openRoute(
    "none",
    {
      method: "post",
      path: "/auth/forgot-password",
      summary: "Mail a link to choose a new password",
      asks: z.object({ body: NameAddress }),
      reply: Said,
      repeats,
    },
    async ({ body }) => {
      await addresses.forgot(body.email);
      return MAILED;
    },
  ),
  openRoute(
    "none",
    {
      method: "post",
      path: "/auth/reset-password",
      summary: "Choose a new password by a mailed link; ends every session",
      asks: z.object({ body: ResetPassword }),
      reply: Said,
      repeats,
    },
    async ({ body }) => {
      await passwords.reset(body);
      return { message: "Your password is changed: sign in with it" };
    },
  ),
  route(
    {
      method: "post",
      path: "/auth/change-password",
      summary: "Change one's password; ends every other session",
      asks: z.object({ body: ChangePassword }),
      reply: Said,
      repeats,
    },
    async ({ caller, body, ip }) => {
      await passwords.change(caller, body, { ip });
      return { message: "Your password is changed" };
    },
  ),
  route(
    {
      method: "post",
      path: "/auth/change-email",
      summary: "Ask for another address; it counts once the link that is mailed there was pressed",
      asks: z.object({ body: ChangeEmail }),
      reply: Said,
      repeats,
    },
    async ({ caller, body, ip }) => {
      await addresses.change(caller, body, { ip });
      return { message: "There is mail at the new address: confirm it there" };
    },
  ),
  route(
    {
      method: "post",
      path: "/auth/phone",
      summary: "Send a code to a phone number",
      asks: z.object({ body: NamePhone }),
      reply: Said,
      repeats,
    },
    async ({ caller, body, ip }) => {
      await phones.ask(caller, body.phone, { ip });
      return { message: "A code is on its way" };
    },
  ),
  route(
    {
      method: "post",
      path: "/auth/phone/verify",
      summary: "Prove a phone number by the code that was sent there",
      asks: z.object({ body: ProvePhone }),
      reply: Said.extend({ phone: z.string() }),
      repeats,
    },
    async ({ caller, body }) => ({
      phone: await phones.prove(caller, body.code),
      message: "Your number is confirmed",
    }),
  ),
  route(
    {
      method: "get",
      path: "/auth/sign-ins",
      summary: "Where one signed in within the last 90 days, the last one first",
      asks: z.object({ query: Listed }),
      reply: z.object({ signIns: z.array(SignInView).readonly(), nextCursor }),
    },
    async ({ caller, query }) => {
      const { items, nextCursor } = await signIns.list(caller, query);
      return { signIns: items, nextCursor };
    },
  ),
];

import { type Response, Router } from "express";
import type { Invitations } from "../../domain/invitations.ts";
import { invitationInApp } from "../../domain/links.ts";
import { Refusal } from "../../domain/refusal.ts";
import { ACCENTS, INK } from "../../schema/wire/accents.ts";
import { type InvitationPreview, InvitationToken } from "../../schema/wire/twins.ts";
import { countedAs } from "../observe.ts";
import { card, html, type Markup, sendPage } from "../page.ts";
import { notAllowed } from "../serve.ts";

/** Where an invitation's link leads whoever has no app yet, or opens it on another machine. Looking changes nothing. */
export function invitationPage(invitations: Pick<Invitations, "preview">): Router {
  const path = "/i/:token";
  return Router({ caseSensitive: true })
    .get(path, countedAs(path), async ({ params }, response) => {
      const token = InvitationToken.safeParse(params["token"]);
      const invitation = token.success ? await found(invitations, token.data) : undefined;
      if (!token.success || !invitation) return sendNone(response);
      sendPage(response, { title: "An invitation to Twinship", body: bodyOf(invitation, token.data), style: STYLE });
    })
    .all(path, notAllowed(["GET"]));
}

async function found(invitations: Pick<Invitations, "preview">, token: string): Promise<InvitationPreview | undefined> {
  try {
    return await invitations.preview(token);
  } catch (error) {
    if (error instanceof Refusal && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

function sendNone(response: Response): void {
  const words = html`<p>This link leads to no invitation. Was all of it copied?</p>`;
  sendPage(response.status(404), { title: "No such invitation", body: card("No such invitation", words) });
}

/** What became of it, for who comes too late. */
const OVER: Partial<Record<InvitationPreview["status"], string>> = {
  accepted: "It was accepted already.",
  declined: "It was declined.",
  cancelled: "It counts no more: it was taken back, or whoever sent it has found their twin.",
  expired: "It is too old. Ask for a new one.",
};

function bodyOf({ inviterName, accentColor, code, status, expiresAt }: InvitationPreview, token: string): Markup {
  const over = OVER[status];
  if (over !== undefined) return card("This invitation is over", html`<p>${over}</p>`);
  const until = new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" }).format(new Date(expiresAt));
  return card(
    "You have a twin, somebody says",
    html`<div class="${accentColor}"><p><bdi class="name">${inviterName}</bdi> invites you to Twinship: a private place for two, to talk, to feel each other's moments, and to find out about yourselves together.</p>
<a class="button" href="${invitationInApp(token)}">Open in the app</a>
<p class="soft or">No app yet? Get it from your phone's store, then type this code:</p>
<p class="code">${code}</p>
<p class="soft">Good until ${until}. If you do not know who this is from, you need not do anything.</p></div>`,
  );
}

const STYLE = `${Object.entries(ACCENTS)
  .map(
    ([name, colour]) =>
      `.${name} .button { background: ${colour}; color: ${INK} } .${name} .name { box-shadow: inset 0 -.45em ${colour}88 }`,
  )
  .join("\n")}
.name { font-weight: 650 } .or { margin: 1.5rem 0 .5rem }
.code { font: 700 1.75rem/1.2 ui-monospace, Menlo, Consolas, monospace; letter-spacing: .25rem; text-align: center; padding: .9rem; border-radius: .75rem; background: var(--back) }
`;

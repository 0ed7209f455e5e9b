import { type Response, Router } from "express";
import type { Unsubscribes } from "../../domain/unsubscribes.ts";
import { countedAs } from "../observe.ts";
import { card, html, sendPage } from "../page.ts";
import { notAllowed } from "../serve.ts";

const PATH = "/u/:token";

/**
 * Where the last line of mails about studies leads. Scanners of mail open every link, so looking changes nothing; the
 * button posts, and so do mail programs that have a button of their own (RFC 8058): without a sign-in, without a script.
 */
export function unsubscribePage(unsubscribes: Pick<Unsubscribes, "isKnown" | "unsubscribe">): Router {
  return Router({ caseSensitive: true })
    .get(PATH, countedAs(PATH), ({ params }, response) => {
      if (!unsubscribes.isKnown(tokenIn(params))) return sendNone(response);
      sendPage(response, { title: ASK, body: QUESTION });
    })
    .post(PATH, countedAs(PATH), async ({ params }, response) => {
      if (!unsubscribes.isKnown(tokenIn(params))) return sendNone(response);
      await unsubscribes.unsubscribe(tokenIn(params));
      sendPage(response, { title: DONE, body: ANSWER });
    })
    .all(PATH, notAllowed(["GET", "POST"]));
}

const tokenIn = ({ token }: Readonly<Record<string, string | string[]>>): string =>
  typeof token === "string" ? token : "";

const ASK = "No more news of studies?";
const DONE = "Done";
const NONE = "No such link";

const QUESTION = card(
  ASK,
  html`<p>We will not write to you about studies any more. All other mail, such as a new password, still arrives.</p>
<form method="post"><button>No more news of studies</button></form>`,
);

const ANSWER = card(
  DONE,
  html`<p>We will not write to you about studies any more. If you change your mind, it is in the app, under Settings, Privacy.</p>`,
);

function sendNone(response: Response): void {
  const words = html`<p>This link leads nowhere. Was all of it copied?</p>`;
  sendPage(response.status(404), { title: NONE, body: card(NONE, words) });
}

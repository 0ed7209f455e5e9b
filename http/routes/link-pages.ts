import { type RequestHandler, Router } from "express";
import { countedAs } from "../observe.ts";
import { card, html, type Markup, sendPage } from "../page.ts";
import { notAllowed } from "../serve.ts";

/**
 * Where mailed links lead. Whoever opens them changes nothing, for scanners of mail open them first; a button posts. A
 * page knows nothing of its token, so it tells a stranger nothing either.
 */
export function linkPages(): Router {
  const page = (path: string, show: RequestHandler) =>
    Router({ caseSensitive: true })
      .get(path, countedAs(path), show)
      .all(path, notAllowed(["GET"]));
  return Router().use(
    page("/verify-email", (_request, response) =>
      sendPage(response, { title: "Confirm your address", body: VERIFY, script: scriptFor("/auth/verify-email") }),
    ),
    page("/reset-password", (_request, response) =>
      sendPage(response, { title: "A new password", body: RESET, script: scriptFor("/auth/reset-password") }),
    ),
  );
}

const NO_SCRIPT = html`<noscript><p>Please allow scripts for this page, or do it in the app.</p></noscript>`;

const form = (fields: Markup, button: string): Markup => html`
<form id="form" method="post">${fields}<button>${button}</button><p id="said" role="status" aria-live="polite"></p></form>
${NO_SCRIPT}`;

const VERIFY = card(
  "Confirm your address",
  html`<p>Is this your address? Then confirm it, so that you can always get back into your account.</p>`,
  form(html``, "Yes, this is my address"),
);

const RESET = card(
  "Choose a new password",
  html`<p class="soft">At least 8 characters, with an upper-case letter, a lower-case letter and a digit. You will be signed out everywhere.</p>`,
  form(
    html`<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="8" required>`,
    "Save my new password",
  ),
);

/** The token stays in the address until it is posted; nothing of the answer but its words is shown, and those as text. */
const scriptFor = (path: string): string => `
const form = document.getElementById("form");
const said = document.getElementById("said");
const button = form.querySelector("button");
const token = new URLSearchParams(location.search).get("token") ?? "";
const broken = "This link is not whole. Open it from the mail again, or copy all of it.";
const wordsOf = ({ message, details = [] }) => {
  if (details.some(({ path }) => path === "token")) return broken;
  const own = details.filter(({ path }) => path === "password").map(({ message }) => message);
  return own.length > 0 ? "Your password " + own.join(", and ") + "." : message + ".";
};
if (token === "") {
  said.textContent = broken;
  button.disabled = true;
}
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  said.textContent = "One moment…";
  try {
    const body = JSON.stringify({ token, ...Object.fromEntries(new FormData(form)) });
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1${path}", { method: "POST", headers, body });
    const { success, message, error } = await answer.json();
    said.textContent = success ? message + ". You can close this page and go back to the app." : wordsOf(error);
    if (success) form.replaceChildren(said);
    else button.disabled = false;
  } catch {
    said.textContent = "That did not get through. Please try again.";
    button.disabled = false;
  }
});
`;

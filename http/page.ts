import { createHash } from "node:crypto";
import type { Response } from "express";

/** Markup that is safe to put into a page: made by `html`, and by nothing else. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Part = string | number | Markup | readonly Markup[] | undefined;

/** A template whose values are shown as text, whatever they hold; only markup made by this very function stays markup. */
export function html(pieces: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(pieces.map((piece, n) => piece + (n < values.length ? shown(values[n]) : "")).join(""));
}

function shown(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.source;
  if (Array.isArray(part)) return part.map(({ source }: Markup) => source).join("");
  return String(part).replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

export interface Page {
  readonly title: string;
  readonly body: Markup;
  /** For this page alone, after what all have. */
  readonly style?: string;
  readonly script?: string;
  /** Of mails shown within it, which style themselves. */
  readonly showsMails?: boolean;
}

/** The colours of the page with two phones (web/style/tokens.css), on a page that loads nothing. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1a1523; --soft: #675e78; --back: #f3f0f8; --glow: #fbe9f5; --sheet: #fff; --line: #e5deef; --accent: #6f3fdc; --on-accent: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #f3effa; --soft: #aea4c2; --back: #0e0c14; --glow: #1d1430; --sheet: #1a1624; --line: #2e2740; --accent: #c9a2ff; --on-accent: #17131f } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; background: radial-gradient(70rem 40rem at 18% -10%, var(--glow), transparent 70%), var(--back); color: var(--ink); font: 400 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; text-wrap: balance }
p { margin: 0 0 1rem } small, .soft { color: var(--soft) }
a { color: var(--accent) }
.card { max-width: 27rem; margin: 0 auto; padding: 12vh 1rem 2rem }
.card > div { background: var(--sheet); border: 1px solid var(--line); border-radius: 1.1rem; padding: 2rem 1.75rem }
.mark { display: flex; align-items: center; gap: .5rem; font-weight: 650; margin: 0 .5rem 1rem }
.mark::before { content: ""; width: 1.15rem; height: .7rem; background: radial-gradient(circle at .35rem 50%, #ff8ad0 .34rem, transparent .36rem), radial-gradient(circle at .78rem 50%, #7cc4ff .34rem, transparent .36rem) }
button, .button { display: block; width: 100%; padding: .8rem 1rem; border: 0; border-radius: .75rem; font: inherit; font-weight: 650; text-align: center; text-decoration: none; color: var(--on-accent); background: var(--accent); cursor: pointer }
button:disabled { opacity: .6; cursor: default }
label { display: block; font-weight: 600; margin: 0 0 .35rem }
input { width: 100%; padding: .7rem .8rem; margin: 0 0 1rem; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: .65rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
[role=status]:not(:empty) { margin: 1rem 0 0; padding: .7rem .85rem; border-radius: .65rem; background: var(--back) }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important } }
`;

const hashOf = (source: string): string => `'sha256-${createHash("sha256").update(source).digest("base64")}'`;

/** A page stands in nobody's frame, is kept and listed by nobody, and tells nobody where one came from. */
export const ofNobodyElse = {
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "X-Frame-Options": "DENY",
  "X-Robots-Tag": "noindex",
} as const;

/**
 * Sends a page that runs nothing but its own script, loads nothing from anywhere, stands in nobody's frame, and tells
 * nobody where one came from, since its address may hold a token.
 */
export function sendPage(response: Response, { title, body, style = "", script, showsMails = false }: Page): void {
  const whole = STYLE + style;
  const policy = [
    "default-src 'none'",
    showsMails ? "style-src 'unsafe-inline'" : `style-src ${hashOf(whole)}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`, "connect-src 'self'"]),
    ...(showsMails ? ["frame-src 'self'"] : []),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  response.set({ "Content-Security-Policy": policy.join("; "), ...ofNobodyElse });
  const head = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Markup(whole)}</style>
</head>
`;
  const foot = script === undefined ? html`` : html`<script>${new Markup(script)}</script>`;
  response.type("html").send(
    html`${head}<body>${body}${foot}</body>
</html>
`.source,
  );
}

/** A page that says one thing, in the middle of the screen. */
export const card = (title: string, ...content: readonly Markup[]): Markup => html`
<main class="card"><p class="mark">Twinship</p><div><h1>${title}</h1>${content}</div></main>`;

import { type Response, Router } from "express";
import { countedAs } from "../observe.ts";
import { html } from "../page.ts";
import { notAllowed } from "../serve.ts";
import { type BuiltPage, PAGE_POLICY, sendFile } from "./two-phones.ts";

/** Built when it is first asked for. */
export type StaffPage = () => Promise<BuiltPage>;

const PAGE = "/staff";
const FILES = "/staff/:file";

/** The page of those who work here: it shows nothing until somebody is signed in, and keeps nothing of them. */
export function staffPageRoutes(page: StaffPage): Router {
  return Router({ caseSensitive: true })
    .get(PAGE, countedAs(PAGE), async (_request, response) => sendPage(response, await page()))
    .all(PAGE, notAllowed(["GET"]))
    .get(FILES, countedAs(FILES), async (request, response) => sendFile(request, response, await page()));
}

function sendPage(response: Response, { script, style }: BuiltPage): void {
  response.set({
    "Content-Security-Policy": PAGE_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
  });
  response.type("html").send(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>Twinship staff</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/staff/${style}">
<script type="module" src="/staff/${script}"></script>
</head>
<body>
<div id="root"></div>
<noscript>This page needs a script to run: its own, from this server.</noscript>
</body>
</html>
`.source,
  );
}

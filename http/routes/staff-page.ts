import { type Response, Router } from "express";
import { type BuiltPage, sendBuiltPage, sendFile } from "../built-page.ts";
import { countedAs } from "../observe.ts";
import { notAllowed } from "../serve.ts";

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

function sendPage(response: Response, page: BuiltPage): void {
  sendBuiltPage(response, page, {
    title: "Twinship staff",
    folder: PAGE,
    icon: "data:,",
    // What is reported is fetched with a token, which no address bears.
    showsCopies: true,
    unscripted: "This page needs a script to run: its own, from this server.",
  });
}

import { Router } from "express";
import { Refusal } from "../../domain/refusal.ts";
import { ExportId } from "../../schema/wire/privacy.ts";
import { countedAs } from "../observe.ts";
import { card, html, sendPage } from "../page.ts";

const TITLE = "Your data is ready";

/** Where the mail about an export leads. It knows nothing of the export, so whoever reads somebody's mail learns nothing. */
export function exportPage(): Router {
  return Router({ caseSensitive: true }).get("/export/:id", countedAs("/export/:id"), (request, response) => {
    const id = ExportId.safeParse(request.params["id"]);
    if (!id.success) throw new Refusal("NOT_FOUND", "There is nothing here");
    const body = card(
      TITLE,
      html`<p>Open Twinship on your phone, signed in as yourself: under Settings, Privacy you can save it.</p>`,
      html`<a class="button" href="twinship://export/${id.data}">Open Twinship</a>`,
    );
    sendPage(response, { title: TITLE, body });
  });
}

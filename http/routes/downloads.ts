import { type Request, type Response, Router } from "express";
import type { Download, Exports } from "../../domain/exports.ts";
import type { Admit } from "../admission.ts";
import { notStored } from "../middleware.ts";
import { countedAs } from "../observe.ts";
import { left, partAsked } from "../parts.ts";
import { notAllowed } from "../serve.ts";

export interface DownloadsDeps {
  readonly exports: Pick<Exports, "open">;
  readonly admit: Admit;
}

/** Below /api/v1. */
export const DOWNLOADS = "/downloads";

/** Files that are fetched by a link alone: whoever has it is whom it was given to. What broke off is taken up again. */
export function downloadRoutes({ exports, admit }: DownloadsDeps): Router {
  return Router({ caseSensitive: true })
    .use(notStored, countedAs(`/api/v1${DOWNLOADS}/:token`))
    .get("/:token", async (request, response) => {
      await admit("none", request, response);
      await hand(await exports.open(request.params.token), request, response);
    })
    .all("/:token", notAllowed(["GET"]));
}

/**
 * A link has served once the last byte is handed over: neither a look at it nor half a download uses it up. So that byte
 * waits until all others have left and the link is spent; of several who fetch by one link, one gets it.
 */
async function hand(download: Download, request: Request, response: Response): Promise<void> {
  const { bytes, etag, fileName } = download;
  const headers = {
    "Content-Type": "application/zip",
    "Content-Disposition": `attachment; filename="${fileName}"`,
    "Accept-Ranges": "bytes",
    ETag: etag,
  };
  response.set({ ...headers, "X-Content-Type-Options": "nosniff" });
  const part = partAsked(request, download, response);
  const { from, to } = part ?? { from: 0, to: bytes - 1 };
  if (part) response.status(206).set("Content-Range", `bytes ${from}-${to}/${bytes}`);
  response.set("Content-Length", String(to - from + 1));
  if (request.method === "HEAD") return void response.end();
  const last = bytes - 1;
  let end: readonly Uint8Array[] = [];
  try {
    for await (const piece of download.read(from, Math.min(to, last - 1))) await left(response, piece);
    // At hand before the link is spent: one that cannot be read uses up nothing.
    if (to === last) end = await Array.fromAsync(download.read(last, last));
  } catch (error) {
    // Before the first byte it is still told as what it is, and not as a file.
    const own = [...Object.keys(headers), "Content-Range", "Content-Length"];
    if (!response.headersSent) for (const name of own) response.removeHeader(name);
    throw error;
  }
  if (to === last && !(await download.spend())) return void response.destroy();
  for (const piece of end) await left(response, piece);
  response.end();
}

import { type Request, type Response, Router } from "express";
import type { StoreDoor } from "../../domain/media-store.ts";
import type { Admit } from "../admission.ts";
import { HungUp } from "../errors.ts";
import { notStored } from "../middleware.ts";
import { countedAs } from "../observe.ts";
import { sendParted } from "../parts.ts";
import { notAllowed } from "../serve.ts";

export interface BlobsDeps {
  /** Undefined where the files are somebody else's to take and to hand out. */
  readonly blobs: StoreDoor | undefined;
  readonly admit: Admit;
}

/** Below /api/v1. */
export const BLOBS = "/blobs";

/** Who was refused, and still goes on sending after so much, is cut off. */
const PASSED_OVER_BYTES = 16 * 1024 * 1024;

/** Our own store's door: an address alone says what may be done by it, as with any other store. */
export function blobRoutes({ blobs, admit }: BlobsDeps): Router {
  if (!blobs) return Router();
  const put = async (request: Request, response: Response) => {
    await admit("none", request, response);
    try {
      await blobs.take(keyOf(request), wordsOf(request), sentBy(request));
    } catch (error) {
      await passOver(request);
      throw error;
    }
    response.status(200).end();
  };
  const get = async (request: Request, response: Response) => {
    await admit("none", request, response);
    const file = await blobs.open(keyOf(request), wordsOf(request));
    const headers = {
      "Content-Type": file.contentType,
      "Content-Disposition": `inline; filename="${file.fileName}"`,
      "X-Content-Type-Options": "nosniff",
      // Behind one address there are always the same bytes, and it is not good for longer.
      "Cache-Control": "public, max-age=300, immutable",
      // An app's page may be anywhere; who has the address may show what it leads to.
      "Cross-Origin-Resource-Policy": "cross-origin",
    };
    await sendParted(file, headers, request, response);
  };
  return Router({ caseSensitive: true })
    .use(notStored, countedAs(`/api/v1${BLOBS}/:key`))
    .put(/^\/.+/, put)
    .get(/^\/.+/, get)
    .all(/^\/.+/, notAllowed(["GET", "PUT"]));
}

const keyOf = ({ path }: Request): string => path.slice(1);

/** A word given twice was refused before. */
const wordsOf = ({ query }: Request): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );

const sentBy = (request: Request) => ({
  contentType: request.get("content-type"),
  contentLength: request.get("content-length"),
  body: bodyOf(request),
});

/** Whoever hangs up in the middle made no mistake that anybody should hear of. */
async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false })) yield piece;
  } catch (error) {
    throw request.readableAborted || request.destroyed ? new HungUp() : error;
  }
}

/** An answer given into the middle of a request is lost to many clients: what is left of it is read, and thrown away. */
function passOver(request: Request): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve, reject) => {
    let size = 0;
    request.on("data", (piece: Uint8Array) => {
      size += piece.length;
      if (size > PASSED_OVER_BYTES) request.destroy();
    });
    request.on("end", resolve);
    request.on("close", () => (request.readableEnded ? resolve() : reject(new HungUp())));
    request.resume();
  });
}

import type { Request, Response } from "express";
import { Refusal } from "../domain/refusal.ts";

/** Something of which one may fetch a part: `etag` names its bytes. */
export interface Parted {
  readonly bytes: number;
  readonly etag: string;
  read(from: number, to: number): AsyncIterable<Uint8Array>;
}

/**
 * All of it, or the part that is asked for, as fast as it is read; no more of it waits in memory than one piece. The
 * headers are the file's: a refusal has none of them.
 */
export async function sendParted(
  file: Parted,
  headers: Readonly<Record<string, string>>,
  request: Request,
  response: Response,
): Promise<void> {
  const { bytes, etag } = file;
  const part = partAsked(request, file, response);
  const { from, to } = part ?? { from: 0, to: bytes - 1 };
  const isKnown = request.get("if-none-match") === etag;
  const own = {
    ...{ ...headers, "Accept-Ranges": "bytes", ETag: etag },
    ...(part && { "Content-Range": `bytes ${from}-${to}/${bytes}` }),
    ...(isKnown ? {} : { "Content-Length": String(to - from + 1) }),
  };
  response.status(isKnown ? 304 : part ? 206 : 200).set(own);
  if (isKnown || request.method === "HEAD") return void response.end();
  try {
    for await (const piece of file.read(from, to)) await left(response, piece);
  } catch (error) {
    if (!response.headersSent) for (const name of Object.keys(own)) response.removeHeader(name);
    throw error;
  }
  response.end();
}

/** Until it has left this process: no more of a download waits in memory than one piece. Rejects if nobody is there. */
export const left = (response: Response, piece: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    response.write(piece, (error) => (error ? reject(error) : resolve()));
  });

/** Undefined for all of it: also if the part is of something else, if there are several, or if nobody understands it. */
export function partAsked(request: Request, { bytes, etag }: Omit<Parted, "read">, response: Response) {
  const of = request.get("if-range");
  if (of !== undefined && of !== etag) return undefined;
  const ranges = request.range(bytes, { combine: true });
  if (ranges === -1) {
    response.set("Content-Range", `bytes */${bytes}`);
    throw new Refusal("RANGE_NOT_SATISFIABLE", "There is nothing at these bytes");
  }
  if (ranges === undefined || ranges === -2 || ranges.type !== "bytes" || ranges.length !== 1) return undefined;
  const [range] = ranges;
  return range && { from: range.start, to: range.end };
}

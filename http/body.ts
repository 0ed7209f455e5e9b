import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Refusal } from "../domain/refusal.ts";
import { isStorable } from "../schema/wire/text.ts";
import { HungUp } from "./errors.ts";

const FORM_BYTES = 64 * 1024;

/** A client that dawdles over its request holds a connection, and nobody needs half a minute for 64 KiB. */
const FORM_MS = 30_000;

/** Deeper than any form is. */
const FORM_DEPTH = 64;

/** Who was told that it is too much, and still goes on after so much, is cut off. */
const PASSED_OVER_BYTES = 16 * 1024 * 1024;

const BODILESS = new Set(["GET", "HEAD", "OPTIONS"]);

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** What a request brings: a JSON object, or nothing at all, which is an empty one. */
export async function formOf(request: IncomingMessage, most = FORM_BYTES): Promise<object> {
  if (BODILESS.has(request.method ?? "GET")) return {};
  const bytes = await bytesOf(request, most);
  if (bytes.length === 0) return {};
  refuseForeign(request.headers);
  const form = jsonOf(bytes);
  if (typeof form !== "object" || form === null || Array.isArray(form)) {
    throw new Refusal("VALIDATION_ERROR", "The body must be a JSON object");
  }
  refuseUnfit(form);
  return form;
}

/** What is too long is read on and thrown away, since an answer given into the middle of a request is lost to many clients. */
export function bytesOf(request: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (request.destroyed) throw new HungUp();
    const chunks: Buffer[] = [];
    let size = 0;
    const late = setTimeout(() => request.destroy(), FORM_MS);
    request.on("close", () => clearTimeout(late));
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= most) chunks.push(chunk);
      else chunks.length = 0;
      if (size > PASSED_OVER_BYTES) request.destroy();
    });
    request.on("end", () => {
      clearTimeout(late);
      if (size > most) reject(tooLarge(most));
      else resolve(Buffer.concat(chunks));
    });
    request.on("close", () => reject(new HungUp()));
    request.on("error", () => reject(new HungUp()));
  });
}

const tooLarge = (most: number) => new Refusal("PAYLOAD_TOO_LARGE", `The body is larger than ${most / 1024} KiB`);

/** Compressed bodies too: a few bytes could stand for gigabytes. */
function refuseForeign(headers: IncomingHttpHeaders): void {
  const type = headers["content-type"] ?? "";
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "The body must be application/json");
  }
  const [, charset = "utf-8"] = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type) ?? [];
  if (!/^utf-?8$/i.test(charset)) throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "The body must be UTF-8");
  const encoding = headers["content-encoding"] ?? "identity";
  if (!/^identity$/i.test(encoding)) throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "The body must not be compressed");
}

/** Bytes that are no UTF-8 are refused, not mended: what is stored must be what was meant. */
function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new Refusal("MALFORMED_JSON", "The body is not JSON in UTF-8", { cause: error });
  }
}

type Place = readonly [path: string, value: unknown];

/** Layer by layer, not by recursion: depth is what is being guarded against. */
function refuseUnfit(form: object): void {
  let layer: readonly Place[] = [["", form]];
  for (let depth = 0; layer.length > 0; depth++) {
    if (depth > FORM_DEPTH) throw new Refusal("VALIDATION_ERROR", `The body is deeper than ${FORM_DEPTH} levels`);
    layer = layer.flatMap(placesIn);
    const unfit = layer.find(([path, value]) => !isStorable(path) || (typeof value === "string" && !isStorable(value)));
    if (unfit) throw unstorable(unfit[0]);
  }
}

function placesIn([path, value]: Place): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, inner]) => [path === "" ? name : `${path}.${name}`, inner]);
}

/** Neither a NUL nor half a surrogate pair can be kept as it came. */
export function unstorable(name: string): Refusal {
  const path = name.toWellFormed().replaceAll("\0", "\ufffd").slice(0, 100);
  const message = "contains characters that cannot be stored";
  return new Refusal("VALIDATION_ERROR", `${path}: ${message}`, { details: [{ path, message }] });
}

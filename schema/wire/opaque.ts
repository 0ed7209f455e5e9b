import { isStorable } from "./text.ts";

/** Deeper than any envelope of a cipher is; a stack is not to be spent on the rest. */
const MAX_DEPTH = 32;

const MAX_BYTES = 8 * 1024;

/** A body only its readers understand. It is kept as it came: a string character for character, an object in its own order. */
export type Opaque = string | OpaqueObject;
export interface OpaqueObject {
  readonly [name: string]: OpaqueValue;
}
export type OpaqueValue = string | number | boolean | null | readonly OpaqueValue[] | OpaqueObject;

/** Whether `body` is one we can keep: text or a plain object, JSON throughout, at most 8 KiB as JSON and 32 deep. */
export function isOpaque(body: unknown): body is Opaque {
  if (typeof body === "string") return isStorable(body) && bytesOf(body) <= MAX_BYTES;
  return isPlainObject(body) && isJson(body, 0) && bytesOf(JSON.stringify(body)) <= MAX_BYTES;
}

function isJson(value: unknown, depth: number): value is OpaqueValue {
  if (depth > MAX_DEPTH) return false;
  if (value === null || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return isStorable(value);
  if (Array.isArray(value)) return value.length <= MAX_BYTES && value.every((inner) => isJson(inner, depth + 1));
  if (!isPlainObject(value)) return false;
  return Object.entries(value).every(([name, inner]) => isStorable(name) && isJson(inner, depth + 1));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** As UTF-8. */
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

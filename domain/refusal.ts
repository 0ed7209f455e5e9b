import type { z } from "zod";
import type { Detail, RefusalCode } from "../schema/wire/errors.ts";
import type { Allowance } from "./ports.ts";

export interface RefusalOptions extends ErrorOptions {
  readonly details?: readonly Detail[] | undefined;
  /** When it makes sense to ask again, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
  /** The limit that was reached. */
  readonly allowance?: Allowance | undefined;
}

/** A request we understood and decline. Anything else that is thrown is a bug. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly details: readonly Detail[] | undefined;
  readonly retryAfterMs: number | undefined;
  readonly allowance: Allowance | undefined;

  constructor(code: RefusalCode, message: string, options?: RefusalOptions) {
    super(message, options);
    this.code = code;
    this.details = options?.details;
    this.retryAfterMs = options?.retryAfterMs;
    this.allowance = options?.allowance;
  }
}

/** Enough to mend a form by; a body with ten thousand faults is not a form. */
const DETAILS = 20;

/** The only way outside data becomes ours. Names every field that is wrong, at most twenty, and never repeats a value. */
export function parse<Schema extends z.ZodType>(schema: Schema, data: unknown): z.output<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const details = result.error.issues.slice(0, DETAILS).map(({ path, message, code }) => ({
    path: path.map(String).join(".").slice(0, 100),
    message: code === "unrecognized_keys" ? "has fields nobody knows" : message,
  }));
  const [first] = details;
  throw new Refusal(
    "VALIDATION_ERROR",
    first?.path ? `${first.path}: ${first.message}` : (first?.message ?? "invalid"),
    {
      details,
      cause: result.error,
    },
  );
}

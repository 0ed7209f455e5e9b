import { DriverException, ValidationError } from "@mikro-orm/core";
import pg from "pg";
import { type Logger, type LoggerOptions, pino, stdTimeFunctions } from "pino";
import { traceFields } from "./tracing/current.ts";

export type { Logger } from "pino";

/** Whatever is logged by mistake under one of these names, at the top or one level down, is not. */
const NEVER = [
  "password",
  "token",
  "accessToken",
  "refreshToken",
  "authorization",
  "cookie",
  "email",
  "phone",
  "text",
  "encrypted",
  "key",
  "url",
];

const CAUSES = 3;

/** A terminal says so. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/**
 * One JSON line a sentence, with `level`, `time` and `message`; on a terminal, a line for people. Ids yes, contents never:
 * of an error only what is on a list gets out.
 */
export function createLogger(level: string, out: Output = process.stdout): Logger {
  // Who listens to us may go; that is no reason to go too.
  out.on("error", () => undefined);
  const write = out.isTTY ? (line: string) => out.write(forPeople(line)) : (line: string) => out.write(line);
  return pino({ ...OPTIONS, level }, { write });
}

const OPTIONS: LoggerOptions = {
  messageKey: "message",
  base: null,
  timestamp: stdTimeFunctions.isoTime,
  mixin: traceFields,
  formatters: { level: (label) => ({ level: label }) },
  serializers: { err: shownOf },
  redact: { paths: NEVER.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
  hooks: {
    // Given an error alone, pino would take its message for ours.
    logMethod(values, log) {
      const [first, ...rest] = values;
      if (first instanceof Error) log.call(this, { err: first }, typeof rest[0] === "string" ? rest[0] : "an error");
      else log.apply(this, values);
    },
  },
};

export interface ShownError {
  readonly name: string;
  readonly code?: string;
  readonly constraint?: string;
  readonly message?: string;
  readonly stack: readonly string[];
  readonly cause?: ShownError;
}

/** Errors of the database quote SQL and values, and MikroORM's the whole row; JSON's quote what they could not read. */
const quotes = (error: Error): boolean =>
  error instanceof pg.DatabaseError ||
  error instanceof DriverException ||
  error instanceof ValidationError ||
  error instanceof SyntaxError;

/** What of an error may be written down. */
export function shownOf(error: unknown, depth = 0): ShownError {
  if (!(error instanceof Error)) return { name: typeof error, stack: [] };
  return {
    name: error.name,
    ...wordOf(error, "code"),
    ...wordOf(error, "constraint"),
    ...(quotes(error) ? {} : { message: error.message }),
    stack: framesOf(error),
    ...(error.cause !== undefined && depth < CAUSES ? { cause: shownOf(error.cause, depth + 1) } : {}),
  };
}

/** Codes and names of constraints are short words of ours or the system's. */
function wordOf(error: Error, name: "code" | "constraint"): Record<string, string> {
  const value: unknown = Reflect.get(error, name);
  return (typeof value === "string" || typeof value === "number") && /^\w{1,64}$/.test(String(value))
    ? { [name]: String(value) }
    : {};
}

/** The first lines of a stack repeat the message. */
function framesOf({ stack = "" }: Error): string[] {
  return stack.split("\n").flatMap((line) => (/^\s+at /.test(line) ? line.trim() : []));
}

/** `12:34:56.789 WARN  sentence field=value`, and an error's stack beneath. */
function forPeople(line: string): string {
  const { level, time, message, err, ...fields }: Record<string, unknown> = JSON.parse(line);
  const rest = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const head = `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${String(message)}${rest.join("")}`;
  return `${[head, ...(isShown(err) ? linesOf(err) : [])].join("\n")}\n`;
}

function linesOf({ name, code, message, stack, cause }: ShownError): string[] {
  const head = [name, code && `(${code})`, message].flatMap((part) => part || []).join(" ");
  return [`  ${head}`, ...stack.map((frame) => `    ${frame}`), ...(cause ? linesOf(cause) : [])];
}

const isShown = (value: unknown): value is ShownError =>
  typeof value === "object" && value !== null && "stack" in value;

import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { isMailbox, isNetwork, isNodeAddress, isOrigin, isP256, isPostgresUrl, isRedisUrl } from "./config-forms.ts";
import { storeVariables } from "./config-store.ts";
import { TRACING } from "./config-tracing.ts";
import { OperatorProblem } from "./operator-problem.ts";
import { Secret } from "./secret.ts";

/** Names every problem of the environment, each in a line. */
export class ConfigProblem extends OperatorProblem {
  override readonly name = "ConfigProblem";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not right:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

const SECRET_LENGTH = 32;

/** Fewer connections than that leave somebody without. */
const FEWEST_CONNECTIONS = 4;

const list = z.string().transform((value) => value.split(",").flatMap((item) => item.trim() || []));

function whole(least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  const isInRange = (text: string) => /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most;
  return z.string().trim().refine(isInRange, `must be a whole number ${range}`).transform(Number);
}

const oneOf = <const Choices extends readonly [string, ...string[]]>(...choices: Choices) =>
  z.enum(choices, { error: `must be one of ${choices.join(", ")}` });

const yes = z
  .string()
  .refine((value) => /^(?:1|0|true|false)$/i.test(value), "must be 1 or 0")
  .transform((value) => /^(?:1|true)$/i.test(value));

const postgresUrl = z
  .string()
  .refine(isPostgresUrl, "must be a URL like postgres://user:password@host:5432/name")
  .transform((value) => new Secret(value));

const redisUrl = z
  .string()
  .refine(isRedisUrl, "must be a URL like redis://:password@host:6379, or rediss:// for TLS")
  .transform((value) => new Secret(value));

const hidden = z
  .string()
  .trim()
  .min(8, "is too short to be one")
  .transform((value) => new Secret(value));

const secrets = list
  .refine(
    (all) => all.length > 0 && all.every((one) => one.length >= SECRET_LENGTH),
    `must be of ${SECRET_LENGTH} characters or more each, newest first, with commas between`,
  )
  .transform((all) => all.map((one) => new Secret(one)));

/** Every variable there is. What is not set is undefined, or what stands behind `default`. */
export const Environment = z.object({
  NODE_ENV: oneOf("development", "test", "production").default("development"),
  PORT: whole(0, 65535).default(3000),
  /** Unset: every address of this machine, IPv4 and IPv6. */
  HOST: z.string().optional(),
  /** How browsers and phones reach us; links are built from it and nothing else. */
  PUBLIC_URL: z
    .string()
    .refine(isOrigin, "must be a URL like https://api.example.org, with nothing after the host")
    .transform((url) => new URL(url).origin)
    .optional(),
  DATA_DIR: z.string().default("./data"),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_DIRECT_URL: postgresUrl.optional(),
  DATABASE_CA: z
    .string()
    .transform((value, context) => pemOf(value, context))
    .optional(),
  /** A standby that may lag a little, for searches, exports and lists. */
  DATABASE_REPLICA_URL: postgresUrl.optional(),
  DB_MAX_CONNECTIONS: whole(FEWEST_CONNECTIONS, 1000).default(20),
  REDIS_URL: redisUrl.optional(),
  REDIS_CA: z
    .string()
    .transform((value, context) => pemOf(value, context))
    .optional(),
  /** Between nodes; unset: made from APP_SECRET. */
  CLUSTER_KEY: secrets.optional(),
  /** How other nodes reach this one; unset: found out. */
  NODE_ADDRESS: z.string().trim().refine(isNodeAddress, "must be host:port, as other nodes reach this one").optional(),
  MIGRATE: oneOf("auto", "never").default("auto"),
  JWT_PRIVATE_KEY: z.string().optional(),
  JWT_PRIVATE_KEY_FILE: list.optional(),
  ACCESS_TOKEN_SECONDS: whole(1, 86_400).default(3600),
  REFRESH_TOKEN_DAYS: whole(1, 3650).default(30),
  APP_SECRET: secrets.optional(),
  /** Unset: mail is shown at /dev/mailbox and leaves nowhere. */
  SENDGRID_API_KEY: hidden.optional(),
  /** Where its API is: another region's, or a double. */
  SENDGRID_API_URL: z.string().refine(isOrigin, "must be a URL like https://api.eu.sendgrid.com").optional(),
  /** The public half of the key that signs its events, as SendGrid shows it. */
  SENDGRID_WEBHOOK_KEY: z.string().trim().refine(isP256, "must be the verification key that SendGrid shows").optional(),
  MAIL_FROM: z
    .string()
    .trim()
    .refine(isMailbox, "must be an address, or a name with one: Twinship <hello@example.org>")
    .optional(),
  /** Unset: text messages are shown at /dev/mailbox and leave nowhere. */
  TWILIO_ACCOUNT_SID: z
    .string()
    .trim()
    .regex(/^AC[0-9a-f]{32}$/, "must be AC and 32 hex digits")
    .optional(),
  TWILIO_AUTH_TOKEN: hidden.optional(),
  TWILIO_API_URL: z.string().refine(isOrigin, "must be a URL like https://api.twilio.com").optional(),
  /** A number (E.164), or the id of a messaging service. */
  TWILIO_FROM: z
    .string()
    .trim()
    .regex(/^(?:\+[1-9]\d{6,14}|MG[0-9a-f]{32})$/, "must be a number like +4930123456, or MG and 32 hex digits")
    .optional(),
  /** Unset: pushes are shown at /dev/mailbox and leave nowhere. */
  EXPO_ACCESS_TOKEN: hidden.optional(),
  EXPO_API_URL: z.string().refine(isOrigin, "must be a URL like https://exp.host").optional(),
  ...storeVariables,
  CORS_ORIGINS: list
    .refine((all) => all.every(isOrigin), "must be origins like https://app.example.org, with commas between")
    .transform((all) => all.map((one) => new URL(one).origin))
    .default([]),
  TRUST_PROXY: list
    .refine((all) => all.every(isNetwork), "must be networks like 10.0.0.0/8, with commas between")
    .default([]),
  CLIENT_IP_HEADER: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9-]+$/, "must be the name of a header")
    .optional(),
  RATE_LIMIT_MESSAGES_PER_MINUTE: whole(1).default(100),
  RATE_LIMIT_REQUESTS_PER_MINUTE: whole(1).default(300),
  /** Unset: pictures and recordings lie in DATA_DIR. */
  S3_BUCKET_NAME: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket")
    .optional(),
  /** Any store that speaks S3, as phones reach it too; unset: Amazon's own. */
  S3_ENDPOINT: z.string().refine(isOrigin, "must be a URL like https://s3.example.org").optional(),
  AWS_REGION: z.string().trim().default("us-east-1"),
  /** Unset: what the machine's role may do. */
  AWS_ACCESS_KEY_ID: hidden.optional(),
  AWS_SECRET_ACCESS_KEY: hidden.optional(),
  /** Of one person: 2 GiB. */
  MEDIA_QUOTA_BYTES: whole(1).default(2 * 1024 ** 3),
  /** Not applied yet. */
  MESSAGE_RETENTION_DAYS: whole(1, 36_500).optional(),
  /** Within which two presses meet, for who has not set it. */
  TWINTUITION_WINDOW_SECONDS: whole(5, 900).default(30),
  /** inline: this process also does what can be done later. separate: a worker does. */
  WORKER: oneOf("inline", "separate").default("inline"),
  /** Whoever shows it may read /metrics from anywhere. */
  METRICS_TOKEN: z
    .string()
    .min(16, "must be of 16 characters or more")
    .transform((value) => new Secret(value))
    .optional(),
  /** The page with two phones at /; unset: shown unless this is production. */
  CONSOLE: yes.optional(),
  /** The page at /staff for who works here; unset: shown unless this is production. */
  STAFF: yes.optional(),
  SHUTDOWN_DEADLINE_SECONDS: whole(1, 3600).default(20),
  LOG_LEVEL: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent").default("info"),
  ...TRACING,
  /** Lets a production server start on parts that live in DATA_DIR. */
  ALLOW_EMBEDDED: yes.default(false),
});

type Read = z.output<typeof Environment>;

export type Config = Readonly<
  Omit<Read, "JWT_PRIVATE_KEY" | "JWT_PRIVATE_KEY_FILE" | "PUBLIC_URL"> & {
    readonly PUBLIC_URL: string;
    /** From JWT_PRIVATE_KEY or JWT_PRIVATE_KEY_FILE, as PEM, newest first; none: we make and keep our own. */
    readonly PRIVATE_KEYS: readonly Secret[];
  }
>;

/** The only reader of the environment. Throws a ConfigProblem that names everything that is wrong, and no value. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const result = Environment.safeParse(withoutEmpty(environment));
  if (!result.success)
    throw new ConfigProblem(result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`));
  const { JWT_PRIVATE_KEY, JWT_PRIVATE_KEY_FILE, ...read } = result.data;
  const problems = [...embeddedProblems(read, JWT_PRIVATE_KEY ?? JWT_PRIVATE_KEY_FILE), ...halfProblems(read)];
  const PRIVATE_KEYS = privateKeys(JWT_PRIVATE_KEY, JWT_PRIVATE_KEY_FILE, problems);
  if (problems.length > 0) throw new ConfigProblem(problems);
  return Object.freeze({ ...read, PUBLIC_URL: read.PUBLIC_URL ?? `http://localhost:${read.PORT}`, PRIVATE_KEYS });
}

/** Hosts set what was left blank to an empty string. */
function withoutEmpty(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value?.trim() ? [[name, value]] : [])),
  );
}

type ReadButKeys = Omit<Read, "JWT_PRIVATE_KEY" | "JWT_PRIVATE_KEY_FILE">;

function embeddedProblems({ NODE_ENV, ALLOW_EMBEDDED, ...read }: ReadButKeys, keys: unknown): string[] {
  if (NODE_ENV !== "production" || ALLOW_EMBEDDED) return [];
  const has = "set it, or ALLOW_EMBEDDED=1 to keep everything in DATA_DIR on this machine";
  return [
    !read.DATABASE_URL && `DATABASE_URL: production does not run on the embedded PostgreSQL; ${has}`,
    !keys && `JWT_PRIVATE_KEY: production does not make its own keys; ${has}`,
    !read.APP_SECRET && `APP_SECRET: production does not make its own secret; ${has}`,
    !read.SENDGRID_API_KEY && `SENDGRID_API_KEY: production does not keep its mail to itself; ${has}`,
    !read.TWILIO_ACCOUNT_SID && `TWILIO_ACCOUNT_SID: production does not keep its text messages to itself; ${has}`,
    !read.EXPO_ACCESS_TOKEN && `EXPO_ACCESS_TOKEN: production does not keep its pushes to itself; ${has}`,
    !read.S3_BUCKET_NAME && `S3_BUCKET_NAME: production does not keep pictures and recordings on its own disk; ${has}`,
  ].flatMap((problem) => problem || []);
}

/** What says something only together with something else. */
function halfProblems({ DATABASE_URL, REDIS_URL, CLUSTER_KEY, ...read }: ReadButKeys): string[] {
  const ofNoUse = (["DATABASE_DIRECT_URL", "DATABASE_REPLICA_URL", "REDIS_URL"] as const).filter(
    (name) => ({ ...read, REDIS_URL })[name] && !DATABASE_URL,
  );
  const together = TOGETHER.flatMap(([name, other]) =>
    read[name] && !read[other] ? [`${other}: is required with ${name}`] : [],
  );
  const problems = [...ofNoUse.map((name) => `${name}: is of no use without DATABASE_URL`), ...together];
  return REDIS_URL && !CLUSTER_KEY ? [...problems, `CLUSTER_KEY: is required with REDIS_URL; ${ONE_KEY}`] : problems;
}

/** The first says nothing without the second. */
const TOGETHER = [
  ["SENDGRID_API_KEY", "MAIL_FROM"],
  ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"],
  ["TWILIO_ACCOUNT_SID", "TWILIO_FROM"],
  ["S3_ENDPOINT", "S3_BUCKET_NAME"],
  ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
  ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"],
] as const;

const ONE_KEY = "give every node the same one: openssl rand -hex 32";

function privateKeys(inline: string | undefined, files: string[] | undefined, problems: string[]): readonly Secret[] {
  if (inline) return pems("JWT_PRIVATE_KEY", inline, problems);
  return (files ?? []).flatMap((file) => {
    try {
      return pems("JWT_PRIVATE_KEY_FILE", readFileSync(file, "utf8"), problems);
    } catch {
      problems.push(`JWT_PRIVATE_KEY_FILE: ${file} cannot be read`);
      return [];
    }
  });
}

const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/g;

/** Line breaks come as two characters where a host keeps variables in one line. */
function pems(name: string, text: string, problems: string[]): Secret[] {
  const found = text.replaceAll("\\n", "\n").match(PEM) ?? [];
  if (found.length === 0 || !found.every(isRsa))
    problems.push(`${name}: must be RSA private keys of 2048 bits or more, in PEM`);
  return found.map((pem) => new Secret(pem));
}

const RSA_BITS = 2048;

function isRsa(pem: string): boolean {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS;
  } catch {
    return false;
  }
}

function pemOf(value: string, context: z.RefinementCtx): string {
  try {
    const pem = value.includes("-----BEGIN") ? value.replaceAll("\\n", "\n") : readFileSync(value, "utf8");
    if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  } catch {}
  context.addIssue({ code: "custom", message: "must be certificates in PEM, or the path of a file with them" });
  return z.NEVER;
}

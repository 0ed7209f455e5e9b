import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { PublicKeys } from "../schema/wire/accounts.ts";
import { RefusalCodes } from "../schema/wire/errors.ts";
import { MailboxItem } from "../schema/wire/mailbox.ts";
import { Health } from "../schema/wire/operations.ts";
import type { Method, Route } from "./route.ts";

/** As everywhere under /api/v1 when something is refused. */
const Failure = z
  .object({
    success: z.literal(false),
    error: z.object({
      code: z.enum(RefusalCodes),
      message: z.string(),
      details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    }),
    timestamp: z.iso.datetime(),
    requestId: z.string(),
  })
  .meta({ id: "Failure" });

const UNSAFE: readonly Method[] = ["post", "put", "patch", "delete"];

export interface Described {
  readonly version: string;
  readonly publicUrl: string;
  readonly routes: readonly Route[];
}

export type OpenApi = ReturnType<typeof openApi>;

/** The whole interface, made of what the server itself goes by: what is not in here is not there, and the other way round. */
export function openApi({ version, publicUrl, routes }: Described) {
  const paths: ZodOpenApiPathsObject = {};
  for (const [path, own] of Map.groupBy(routes, (route) => `/api/v1${bracketed(route.path)}`))
    paths[path] = Object.fromEntries(own.map((route) => [route.method, operationOf(route)]));
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Twinship",
      version,
      description:
        "Accounts, pairs and what belongs to them. Rooms are joined with the Colyseus SDK; POST /room/seat gives a seat over HTTP. " +
        "Everything under /api/v1 answers in one envelope, success or failure, and bears an X-Request-Id.",
    },
    servers: [{ url: publicUrl }],
    components: { securitySchemes: { bearer: BEARER, staff: { ...BEARER, description: STAFF } } },
    paths: { ...paths, ...OTHERS },
  });
}

/** Express writes `:id`, OpenAPI `{id}`. */
const bracketed = (path: string): string => path.replace(/:([^/]+)/g, "{$1}");

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { params, query, body } = partsOf(route.asks);
  const isKept = UNSAFE.includes(route.method) && route.repeats !== "none";
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    tags: [tagOf(route.path)],
    ...securityOf(route),
    requestParams: {
      ...(params && { path: params }),
      ...(query && { query }),
      ...(isKept && { header: KEYED }),
    },
    ...(body && { requestBody: { required: !body.safeParse({}).success, content: jsonOf(body) } }),
    responses: {
      [String(route.status)]: { description: "Done", headers: HEADERS, content: contentOf(route) },
      default: { description: "Refused, with a code that says why", headers: HEADERS, content: jsonOf(Failure) },
    },
  };
}

const BEARER = { type: "http", scheme: "bearer", bearerFormat: "JWT" } as const;

const STAFF = "Of those who work here: from POST /staff/login, for a quarter of an hour, and for no other call";

function securityOf({ signIn }: Route): Pick<ZodOpenApiOperationObject, "security"> {
  if (signIn === "none") return {};
  if (signIn === "staff") return { security: [{ staff: [] }] };
  return { security: signIn === "optional" ? [{}, { bearer: [] }] : [{ bearer: [] }] };
}

const KEYED = z.object({
  "Idempotency-Key": z
    .string()
    .max(64)
    .optional()
    .meta({ description: "The same key has one effect and one answer for 24 hours" }),
});

const HEADERS = {
  "X-Request-Id": { schema: { type: "string" } },
  "RateLimit-Limit": { schema: { type: "integer" } },
  "RateLimit-Remaining": { schema: { type: "integer" } },
  "RateLimit-Reset": { schema: { type: "integer" }, description: "In seconds" },
} as const;

const jsonOf = (schema: z.ZodType) => ({ "application/json": { schema } });

/** A file, or JSON in the envelope. */
const contentOf = ({ produces, reply }: Route) =>
  produces === undefined
    ? jsonOf(succeeded(reply))
    : { [produces]: { schema: { type: "string", format: "binary" } as const } };

/** The envelope around what a call answers with. */
function succeeded(reply: z.ZodType): z.ZodType {
  const success = z.literal(true);
  return reply instanceof z.ZodObject ? reply.extend({ success }) : z.intersection(z.object({ success }), reply);
}

interface Parts {
  readonly params: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodType | undefined;
}

function partsOf(asks: z.ZodType): Parts {
  const shape: Readonly<Record<string, unknown>> = asks instanceof z.ZodObject ? asks.shape : {};
  const { params, query, body } = shape;
  return {
    params: params instanceof z.ZodObject ? params : undefined,
    query: query instanceof z.ZodObject ? query : undefined,
    body: body instanceof z.ZodType ? body : undefined,
  };
}

/** `post /auth/verify-email` is postAuthVerifyEmail. */
function operationIdOf({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return method + words.map((word) => (word[0] ?? "").toUpperCase() + word.slice(1)).join("");
}

const tagOf = (path: string): string => path.split("/")[1] ?? "";

const plain = (summary: string, schema: z.ZodType): ZodOpenApiOperationObject => ({
  summary,
  responses: { "200": { description: "Done", content: jsonOf(schema) } },
});

/** A page, or something else that is no JSON. */
const shown = (summary: string, type: string): ZodOpenApiOperationObject => ({
  summary,
  responses: { "200": { description: "Done", content: { [type]: { schema: { type: "string" } } } } },
});

/** What answers beside the table of routes, each in its own manner. */
const OTHERS: ZodOpenApiPathsObject = {
  "/health": { get: plain("Whether the process lives, and what it would like to have", Health) },
  "/ready": {
    get: plain(
      "Whether new work may come; 503 with the reasons if not",
      z.object({ ready: z.boolean(), reasons: z.array(z.string()).optional() }),
    ),
  },
  "/.well-known/jwks.json": { get: plain("The public keys of access tokens", PublicKeys) },
  "/metrics": { get: shown("Figures for Prometheus, for whoever may see them", "text/plain") },
  "/openapi.json": { get: plain("This document", z.looseObject({ openapi: z.string() })) },
  "/docs": { get: shown("This document, to be read and tried", "text/html") },
  "/verify-email": { get: shown("Where the link of a mail leads: a button confirms the address", "text/html") },
  "/reset-password": { get: shown("Where the link of a mail leads: choose a new password", "text/html") },
  "/i/{token}": {
    get: {
      ...shown("An invitation, for whoever has its link", "text/html"),
      requestParams: { path: z.object({ token: z.string() }) },
    },
  },
  "/export/{id}": {
    get: {
      ...shown("Where the mail about an export leads", "text/html"),
      requestParams: { path: z.object({ id: z.string() }) },
    },
  },
  "/api/v1/downloads/{token}": {
    get: {
      ...shown("A file, once, by a link for it; broken off, it goes on by Range", "application/zip"),
      requestParams: { path: z.object({ token: z.string() }) },
    },
  },
  "/api/v1/media/{id}/content": {
    get: {
      ...shown("A picture or a recording itself, whole or by Range", "application/octet-stream"),
      security: [{ bearer: [] }],
      requestParams: { path: z.object({ id: z.string() }), query: z.object({ variant: z.string().optional() }) },
    },
  },
  "/api/v1/webhooks/sendgrid": {
    post: plain("What became of mails, signed by SendGrid", z.object({ success: z.literal(true) })),
  },
  "/api/v1/webhooks/twilio": {
    post: plain("What became of text messages, signed by Twilio", z.object({ success: z.literal(true) })),
  },
  "/api/v1/webhooks/revenuecat": {
    post: plain(
      "What became of purchases, by RevenueCat's own value or signature",
      z.object({ success: z.literal(true) }),
    ),
  },
  "/dev/store": {
    get: shown("The store that is built in, where nobody pays; in production not there", "text/html"),
  },
  "/dev/mailbox": {
    get: shown("Everything that stayed on this machine; where real messages leave it, not there", "text/html"),
  },
  "/dev/mailbox.json": {
    get: {
      ...plain("The same as JSON, the newest first", z.object({ messages: z.array(MailboxItem) })),
      requestParams: {
        query: z.object({ to: z.string().optional(), channel: z.enum(["email", "sms", "push"]).optional() }),
      },
    },
  },
};

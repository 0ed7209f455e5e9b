import { z } from "zod";

/** Every reason we refuse, in rooms and over HTTP alike, and the HTTP status of each. Codes are part of the client contract. */
export const STATUS = {
  VALIDATION_ERROR: 400,
  MALFORMED_JSON: 400,
  INSUFFICIENT_COMPLETION: 400,
  AUTH_REQUIRED: 401,
  AUTH_TOKEN_INVALID: 401,
  AUTH_TOKEN_EXPIRED: 401,
  AUTH_TOKEN_REVOKED: 401,
  AUTH_INVALID_CREDENTIALS: 401,
  PREMIUM_REQUIRED: 402,
  FORBIDDEN: 403,
  ACCOUNT_SUSPENDED: 403,
  AUTH_EMAIL_NOT_VERIFIED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  ID_REUSED: 409,
  NOT_PAIRED: 409,
  AUTH_EMAIL_ALREADY_EXISTS: 409,
  GONE: 410,
  PRECONDITION_FAILED: 412,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RANGE_NOT_SATISFIABLE: 416,
  MEDIA_REFUSED: 422,
  AUTH_ACCOUNT_LOCKED: 423,
  RATE_LIMIT_EXCEEDED: 429,
  TOO_MANY_DEVICES: 429,
  INTERNAL_SERVER_ERROR: 500,
  UNAVAILABLE: 503,
} as const;

export type RefusalCode = keyof typeof STATUS;

const isCode = (name: string): name is RefusalCode => name in STATUS;

export const RefusalCodes: readonly RefusalCode[] = Object.keys(STATUS).filter(isCode);

export const isRefusalCode = (word: unknown): word is RefusalCode =>
  typeof word === "string" && Object.hasOwn(STATUS, word);

/** Where a body is wrong, and how. */
export const Detail = z.object({ path: z.string(), message: z.string() });
export type Detail = z.infer<typeof Detail>;

/** Why a socket was closed. */
export const CLOSE = {
  left: 4000,
  signedOut: 4401,
  unpaired: 4403,
  tooSlow: 4408,
  replaced: 4409,
  moved: 4412,
  flooding: 4429,
  draining: 4503,
} as const;

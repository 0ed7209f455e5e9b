import { resolve } from "node:path";
import { accounts } from "../domain/accounts.ts";
import { idempotency } from "../domain/idempotency.ts";
import { limitTable } from "../domain/limits.ts";
import { pairing } from "../domain/pairing.ts";
import type { Chance, Clock, Database, Limits, Notices, SessionCopies } from "../domain/ports.ts";
import { profiles } from "../domain/profiles.ts";
import { sessions } from "../domain/sessions.ts";
import { type OpenedSessions, openSessions } from "./adapters/sessions/open.ts";
import { newPrivateKey } from "./adapters/sessions/signing-keys.ts";
import type { Config } from "./config.ts";
import { kept } from "./kept.ts";

/** Whom our tokens are for. */
const AUDIENCE = "twinship";

/** What proves who somebody is: with keys that were given, or made once and kept in the data folder. */
export function openKeys(config: Config): Promise<OpenedSessions> {
  const given = config.PRIVATE_KEYS.map((key) => key.reveal());
  const own = () => [kept(resolve(config.DATA_DIR), "jwt-private-key.pem", newPrivateKey)];
  return openSessions({
    privateKeys: given.length > 0 ? given : own(),
    issuer: config.PUBLIC_URL,
    audience: AUDIENCE,
    accessTokenSeconds: config.ACCESS_TOKEN_SECONDS,
  });
}

/** The table of limits, with what the operator changes of it. */
export const limitsOf = (config: Pick<Config, LimitVariable>) =>
  limitTable({
    messagesPerMinute: config.RATE_LIMIT_MESSAGES_PER_MINUTE,
    requestsPerMinute: config.RATE_LIMIT_REQUESTS_PER_MINUTE,
  });

type LimitVariable = "RATE_LIMIT_MESSAGES_PER_MINUTE" | "RATE_LIMIT_REQUESTS_PER_MINUTE";

export interface UseCasesDeps {
  readonly config: Pick<Config, "REFRESH_TOKEN_DAYS">;
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: Limits;
  readonly notices: Notices;
  readonly keys: OpenedSessions;
  readonly copies?: SessionCopies | undefined;
}

/** What people can do outside their rooms. */
export function createUseCases({ config, keys, ...deps }: UseCasesDeps) {
  const { accessTokens, hasher } = keys;
  const signedIn = sessions({ ...deps, accessTokens, refreshTokenDays: config.REFRESH_TOKEN_DAYS });
  return {
    sessions: signedIn,
    accounts: accounts({ ...deps, hasher, sessions: signedIn }),
    profiles: profiles(deps),
    pairing: pairing(deps),
    idempotency: idempotency(deps),
  };
}

export type UseCases = ReturnType<typeof createUseCases>;

import type { AccessTokens, PasswordHasher } from "../../../domain/ports.ts";
import type { PublicKeys } from "../../../schema/wire/accounts.ts";
import { rs256Tokens } from "./access-tokens.ts";
import { argon2Hasher } from "./password-hasher.ts";
import { publicKeys, signingKeys } from "./signing-keys.ts";

export interface SessionOptions {
  /** As PEM, newest first; at least one. */
  readonly privateKeys: readonly string[];
  /** Who says so, and to whom: tokens of another deployment are none of ours. */
  readonly issuer: string;
  readonly audience: string;
  readonly accessTokenSeconds: number;
  /** The audience of those who work here: what is for one opens nothing of the other. */
  readonly staffAudience: string;
}

export interface OpenedSessions {
  readonly accessTokens: AccessTokens;
  readonly staffTokens: AccessTokens;
  readonly hasher: PasswordHasher;
  readonly publicKeys: PublicKeys;
}

/** Whoever reads what people report is asked who they are four times an hour. */
const STAFF_TOKEN_SECONDS = 15 * 60;

/** What proves who somebody is. */
export async function openSessions(options: SessionOptions): Promise<OpenedSessions> {
  const { issuer, audience, accessTokenSeconds: lifeSeconds } = options;
  const keys = await signingKeys(options.privateKeys);
  return {
    accessTokens: rs256Tokens({ keys, issuer, audience, lifeSeconds }),
    staffTokens: rs256Tokens({ keys, issuer, audience: options.staffAudience, lifeSeconds: STAFF_TOKEN_SECONDS }),
    hasher: await argon2Hasher(),
    publicKeys: await publicKeys(keys),
  };
}

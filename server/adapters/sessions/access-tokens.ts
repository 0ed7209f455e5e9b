import jwt from "jsonwebtoken";
import { z } from "zod";
import { KeptUntil } from "../../../domain/kept-until.ts";
import type { AccessTokens } from "../../../domain/ports.ts";
import { Refusal } from "../../../domain/refusal.ts";
import { SessionId, UserId } from "../../../schema/wire/ids.ts";
import type { SigningKeys } from "./signing-keys.ts";

const ALGORITHM = "RS256";

/** Ours are below 1 KiB; longer ones are not worth a look. */
const LONGEST = 4096;

/** About a KiB each. */
const MOST_CHECKED = 5000;

export interface AccessTokenTerms {
  readonly keys: SigningKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly lifeSeconds: number;
}

const Header = z.object({ header: z.object({ alg: z.literal(ALGORITHM), kid: z.string() }) });

/** A token without one of them proves nothing, however well it is signed. */
const Claims = z.object({ sub: UserId, sid: SessionId, iat: z.int(), exp: z.int() });

/** RS256 JWTs of RFC 7519. The newest key signs; whichever the token names checks it. */
export function rs256Tokens({ keys, issuer, audience, lifeSeconds }: AccessTokenTerms): AccessTokens {
  const [newest] = keys;
  const publicKeyOf = new Map(keys.map(({ kid, publicKey }) => [kid, publicKey]));

  function claimsOf(token: string, at: number): z.output<typeof Claims> {
    const head = token.length <= LONGEST ? Header.safeParse(jwt.decode(token, { complete: true })) : undefined;
    const key = head?.success ? publicKeyOf.get(head.data.header.kid) : undefined;
    if (!key) throw notOurs();
    const clockTimestamp = Math.floor(at / 1000);
    return Claims.parse(jwt.verify(token, key, { algorithms: [ALGORITHM], issuer, audience, clockTimestamp }));
  }

  /** One join shows the same token four times. */
  const checked = new KeptUntil<string, z.output<typeof Claims>>(MOST_CHECKED);

  function remembered(token: string, at: number): z.output<typeof Claims> {
    const known = checked.get(token, at);
    if (known) return known;
    const claims = claimsOf(token, at);
    checked.put(token, claims, { now: at, until: claims.exp * 1000 });
    return claims;
  }

  return {
    issue({ userId, sessionId }, at) {
      const iat = Math.floor(at / 1000);
      const exp = iat + lifeSeconds;
      const how = { algorithm: ALGORITHM, keyid: newest.kid, issuer, audience, subject: userId } as const;
      const token = jwt.sign({ sid: sessionId, iat, exp }, newest.privateKey, how);
      return { token, lifeSeconds, expiresAt: exp * 1000 };
    },

    verify(token, at) {
      try {
        const { sub, sid, exp } = remembered(token, at);
        return { userId: sub, sessionId: sid, expiresAt: exp * 1000 };
      } catch (error) {
        if (error instanceof Refusal) throw error;
        if (error instanceof jwt.TokenExpiredError)
          throw new Refusal("AUTH_TOKEN_EXPIRED", "This token has expired", { cause: error });
        throw notOurs(error);
      }
    },
  };
}

const notOurs = (cause?: unknown): Refusal =>
  new Refusal("AUTH_TOKEN_INVALID", "This token is not ours", cause === undefined ? {} : { cause });

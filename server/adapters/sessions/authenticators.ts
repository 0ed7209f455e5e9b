import type { Authenticators } from "../../../domain/staff.ts";

const ISSUER = "Twinship";

/** What every authenticator app takes without being told otherwise. */
const HOW = { algorithm: "SHA1", digits: 6, period: 30 } as const;

/** RFC 6238: 160 bits, as long as what they are hashed with. */
const SECRET_BYTES = 20;

/** A clock may be half a minute off, and somebody may type slowly. */
const STEPS_OFF = 1;

/** Time-based codes of RFC 6238. Loaded when somebody of ours first signs in: nobody else needs it. */
export function totpAuthenticators(bytes: (count: number) => Uint8Array): Authenticators {
  const library = () => import("otpauth");
  return {
    async newSecret() {
      const { Secret } = await library();
      // A copy, for the library wants a buffer that is all of it.
      return new Secret({ buffer: new Uint8Array(bytes(SECRET_BYTES)).buffer }).base32;
    },

    async uriOf(secret, account) {
      const { TOTP } = await library();
      return new TOTP({ ...HOW, issuer: ISSUER, label: account, secret }).toString();
    },

    async stepOf(secret, code, at) {
      const { TOTP } = await library();
      const totp = new TOTP({ ...HOW, secret });
      const off = totp.validate({ token: code, timestamp: at, window: STEPS_OFF });
      return off === null ? undefined : totp.counter({ timestamp: at }) + off;
    },
  };
}

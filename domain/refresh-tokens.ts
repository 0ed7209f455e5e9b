import { createCipheriv, createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { TokensView } from "../schema/wire/accounts.ts";
import type { Chance } from "./ports.ts";

/** Nobody guesses that. */
const TOKEN_BYTES = 32;

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PURPOSE = "twinship: what a refresh token was exchanged for";

/** Means nothing to who has it; we know it by its hash. */
export const newRefreshToken = ({ bytes }: Pick<Chance, "bytes">): string =>
  Buffer.from(bytes(TOKEN_BYTES)).toString("base64url");

/** Fast on purpose: there is nothing to guess in 32 random bytes. */
export const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** Closes what `token` was exchanged for, so that only who has the token can read it: we keep but its hash. */
export function seal(token: string, tokens: TokensView, { bytes }: Pick<Chance, "bytes">): string {
  const nonce = bytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(token), nonce);
  const body = Buffer.concat([cipher.update(JSON.stringify(tokens), "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
}

/** What was sealed under this very token. Throws for any other. */
export function unseal(token: string, sealed: string): TokensView {
  const whole = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv(CIPHER, keyOf(token), whole.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(whole.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const body = decipher.update(whole.subarray(NONCE_BYTES + TAG_BYTES));
  return TokensView.parse(JSON.parse(Buffer.concat([body, decipher.final()]).toString("utf8")));
}

/** The token is as random as a key; the salt would add nothing. */
const keyOf = (token: string): Buffer => Buffer.from(hkdfSync("sha256", token, "", PURPOSE, KEY_BYTES));

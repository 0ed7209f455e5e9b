import { createHash } from "node:crypto";
import { CODE_ALPHABET, CODE_LENGTH } from "../schema/wire/twins.ts";
import type { Chance } from "./ports.ts";

/** Every letter as likely as any other: bytes past the last whole round of the alphabet are thrown away. */
export function newCode({ bytes }: Pick<Chance, "bytes">): string {
  const fair = 256 - (256 % CODE_ALPHABET.length);
  let code = "";
  while (code.length < CODE_LENGTH) {
    for (const byte of bytes(CODE_LENGTH)) {
      if (byte < fair && code.length < CODE_LENGTH) code += CODE_ALPHABET[byte % CODE_ALPHABET.length];
    }
  }
  return code;
}

/** As it was given out, however it was typed: small letters, wide ones, spaces and dashes of any kind. */
export function normalCode(written: string): string {
  return written
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\p{Z}\p{Cf}\p{Pd}\s_]/gu, "");
}

const TOKEN_BYTES = 32;

/** For a link: 64 upper-case hex digits that nobody guesses. */
export const newToken = ({ bytes }: Pick<Chance, "bytes">): string =>
  Buffer.from(bytes(TOKEN_BYTES)).toString("hex").toUpperCase();

/** Of a link's token, by which it is found; the token itself is kept nowhere in the open. */
export const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

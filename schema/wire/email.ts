import { z } from "zod";
import { isStorable } from "./text.ts";

/** RFC 5321: what a mail server has to take. */
const MAX_ADDRESS = 254;
const MAX_LOCAL = 64;

/** Nothing that shows as nothing, and no space, may stand in an address: two that look alike would be two accounts. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Z}\u2800\u3164]/u;

/** Letters of any script and what RFC 5322 allows beside them, in words between single dots. */
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;

const DOMAIN = /^[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+$/u;

/** As the name system knows it; the last label has a letter, or it would be a number of a machine. */
const HOST = /^(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?=[a-z0-9-]*[a-z])(?!-)[a-z0-9-]{2,63}(?<!-)$/;

/**
 * What two spellings of one address have in common, or undefined for what is no address. Upper and lower case, composed
 * and decomposed letters, the readable and the punycode form of a domain are one; a plus makes another. Computed here
 * and not by the database, whose idea of case depends on its locale. It is for comparing only: mail goes to the address
 * as it was written, never to one that merely has the same key.
 */
export function emailKey(address: string): string | undefined {
  if (!isStorable(address) || address.length > MAX_ADDRESS || INVISIBLE.test(address)) return undefined;
  const plain = address.normalize("NFKC");
  const at = plain.lastIndexOf("@");
  const local = plain.slice(0, Math.max(at, 0));
  const host = hostOf(plain.slice(at + 1));
  if (!LOCAL.test(local) || bytesOf(local) > MAX_LOCAL || host === undefined) return undefined;
  return `${local.toLowerCase().normalize("NFKC")}@${host}`;
}

function hostOf(domain: string): string | undefined {
  if (!DOMAIN.test(domain) || !URL.canParse(`http://${domain}`)) return undefined;
  const { hostname } = new URL(`http://${domain}`);
  return HOST.test(hostname) && hostname.length <= MAX_ADDRESS ? hostname : undefined;
}

/** As UTF-8. */
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** As it was written, without the spaces that phones add at the ends, and in one normal form of its letters. */
export const EmailAddress = z
  .string()
  .trim()
  .refine((address) => emailKey(address) !== undefined, "must be an e-mail address")
  .transform((address) => address.normalize("NFKC"));

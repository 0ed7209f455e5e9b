import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Chance } from "./ports.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a key is for. One purpose's key opens nothing of another's. */
export type Purpose =
  | "delivery"
  | "cursor"
  | "export"
  | "phone"
  | "address"
  | "unsubscribe"
  | "feeling"
  | "media"
  | "reported"
  | "totp"
  | "research";

export type Secrets = ReturnType<typeof secrets>;

/**
 * What only we can read or have written, by keys made of the operator's secrets: the newest closes and signs, all open
 * and are believed, so that a secret can be changed without losing what stands under the old one.
 */
export function secrets(masters: readonly string[], { bytes }: Pick<Chance, "bytes">) {
  const keysFor = remembered((purpose) =>
    masters.map((master) => Buffer.from(hkdfSync("sha256", master, "", `twinship: ${purpose}`, KEY_BYTES))),
  );
  const newest = (purpose: Purpose): Buffer => {
    const [key] = keysFor(purpose);
    if (!key) throw new Error("There is no secret to make keys of");
    return key;
  };

  return {
    /** Readable to us alone; the same text is sealed differently each time. */
    seal(purpose: Purpose, text: string): string {
      const nonce = bytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, newest(purpose), nonce);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
    },

    /** Undefined for what we did not seal, or somebody touched. */
    open(purpose: Purpose, sealed: string): string | undefined {
      const whole = Buffer.from(sealed, "base64url");
      if (whole.length < NONCE_BYTES + TAG_BYTES) return undefined;
      return keysFor(purpose)
        .map((key) => opened(key, whole))
        .find((text) => text !== undefined);
    },

    /** Base64url, 43 characters. The same for the same text, so it also stands for what must be found and not read. */
    sign: (purpose: Purpose, text: string): string => macOf(newest(purpose), text).toString("base64url"),

    /** What `sign` says under each secret, the newest first: what was signed before one was changed is found by these. */
    signatures: (purpose: Purpose, text: string): readonly string[] =>
      keysFor(purpose).map((key) => macOf(key, text).toString("base64url")),

    isSigned(purpose: Purpose, text: string, signature: string): boolean {
      const given = Buffer.from(signature, "base64url");
      return keysFor(purpose)
        .map((key) => macOf(key, text))
        .some((mac) => mac.length === given.length && timingSafeEqual(mac, given));
    },
  };
}

const macOf = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

function opened(key: Buffer, whole: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv(CIPHER, key, whole.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(whole.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = decipher.update(whole.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([body, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

/** A key is made once: each takes a hash or two, and cursors are made by the page. */
function remembered(make: (purpose: Purpose) => readonly Buffer[]): (purpose: Purpose) => readonly Buffer[] {
  const made = new Map<Purpose, readonly Buffer[]>();
  return (purpose) => {
    const keys = made.get(purpose) ?? make(purpose);
    made.set(purpose, keys);
    return keys;
  };
}

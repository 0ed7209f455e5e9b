import { createPublicKey, verify } from "node:crypto";

/**
 * Whether SendGrid signed that: ECDSA on P-256 over the timestamp and the body's own bytes, as it sent them. `key`: the
 * verification key as it shows it, base64 of a SubjectPublicKeyInfo.
 */
export function sendgridSignature(key: string): (timestamp: string, body: Buffer, signature: string) => boolean {
  const publicKey = createPublicKey({ key: Buffer.from(key, "base64"), format: "der", type: "spki" });
  return (timestamp, body, signature) => {
    try {
      const signed = Buffer.concat([Buffer.from(timestamp, "utf8"), body]);
      return verify("sha256", signed, publicKey, Buffer.from(signature, "base64"));
    } catch {
      // What is no signature at all is not this one.
      return false;
    }
  };
}

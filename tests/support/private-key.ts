import { generateKeyPairSync } from "node:crypto";

let made: string | undefined;

/** An RSA key in PEM, made once a run. */
export function privateKey(): string {
  made ??= generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
  return made;
}

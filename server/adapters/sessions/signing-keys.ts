import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK } from "jose";
import { PublicKeys } from "../../../schema/wire/accounts.ts";

const RSA_BITS = 2048;

/** A key, named by its RFC 7638 thumbprint: the same key has the same name on every node and after every start. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The newest signs; all are believed and published, so keys can be changed without signing anybody out. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

/** From PEMs, newest first. */
export async function signingKeys(pems: readonly string[]): Promise<SigningKeys> {
  const [newest, ...older] = await Promise.all(pems.map(signingKey));
  if (!newest) throw new Error("There must be a key to sign with");
  return [newest, ...older];
}

async function signingKey(pem: string): Promise<SigningKey> {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  return { kid: await calculateJwkThumbprint(await exportJWK(publicKey)), privateKey, publicKey };
}

/** As PKCS#8 PEM. */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: RSA_BITS });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** What /.well-known/jwks.json shows: enough to check our tokens by, and nothing to make them with. */
export async function publicKeys(keys: SigningKeys): Promise<PublicKeys> {
  const described = keys.map(async ({ kid, publicKey }) => ({
    ...(await exportJWK(publicKey)),
    use: "sig",
    alg: "RS256",
    kid,
  }));
  return PublicKeys.parse({ keys: await Promise.all(described) });
}

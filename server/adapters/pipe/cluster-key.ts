import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** What all processes of a cluster know and nobody else: they prove themselves to each other with it. */
export interface ClusterKey {
  /** By the newest key. Each part stands for itself: no two lists of parts give the same proof. */
  prove(...parts: readonly string[]): string;
  /** By any of the keys. */
  isProof(proof: string, ...parts: readonly string[]): boolean;
  /** For whoever seals what it sends; newest first. */
  readonly secrets: readonly string[];
}

/** `secrets`: newest first, the first signs and all are believed, so that a key can be changed while nodes run. */
export function clusterKey(secrets: readonly string[]): ClusterKey {
  const [newest] = secrets;
  if (newest === undefined) throw new Error("A cluster has a key");
  return {
    secrets,
    prove: (...parts) => proofBy(newest, parts).toString("base64url"),
    isProof(proof, ...parts) {
      const given = Buffer.from(proof, "base64url");
      return secrets.map((secret) => proofBy(secret, parts)).some((own) => isSame(own, given));
    },
  };
}

/** A key for the nodes that need not be told one: made from another secret that all of them have. */
export function derivedSecret(secret: string): string {
  return Buffer.from(hkdfSync("sha256", secret, "", "twinship cluster key", 32)).toString("hex");
}

const proofBy = (secret: string, parts: readonly string[]): Buffer =>
  createHmac("sha256", secret).update(JSON.stringify(parts)).digest();

const isSame = (own: Buffer, given: Buffer): boolean => own.length === given.length && timingSafeEqual(own, given);

import { hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";
import { type ClusterKey, clusterKey } from "./cluster-key.ts";
import { ID_BYTES, type PipeSecret } from "./sealed-chunks.ts";

/** In the first byte of a frame: a greeting of this form. A later form gets another number. */
export const GREETING = 1;

const NONCE_BYTES = 16;
const KEY_BYTES = 32;

/** As base64url, which is one way of writing them. */
const bytes = (length: number) =>
  z
    .string()
    .transform((text) => Buffer.from(text, "base64url"))
    .refine((read) => read.length === length);

const id = bytes(ID_BYTES);

/** What two processes say before a pipe is open; `id` is also what the opener made up freshly, as the acceptor its nonce. */
const Greeting = z.discriminatedUnion("says", [
  z.object({ says: z.literal("open"), id, from: z.string().min(1).max(64), proof: z.string() }),
  z.object({ says: z.literal("opened"), id, nonce: bytes(NONCE_BYTES), proof: z.string() }),
  /** It bears no proof, for who says so has another key: it is a hint to whoever gets no better answer. */
  z.object({ says: z.literal("stranger"), id }),
]);

export type Greeting = z.output<typeof Greeting>;

/** Undefined: this is none. */
export function readGreeting(frame: Buffer): Greeting | undefined {
  try {
    return Greeting.parse(JSON.parse(frame.toString("utf8", 1)));
  } catch {
    return undefined;
  }
}

/** Who wants to reach whom. */
export interface Way {
  readonly from: string;
  readonly to: string;
}

export interface Asked {
  readonly id: Buffer;
  readonly frame: Buffer;
  /** What the pipe is sealed with, if that answer to this very question is the neighbour's. */
  secretBy(answer: { readonly nonce: Buffer; readonly proof: string }): PipeSecret | undefined;
}

/** The opener's part; its newest key is the one that counts. */
export function askToOpen(key: ClusterKey, way: Way): Asked {
  const id = randomBytes(ID_BYTES);
  const [secret = ""] = key.secrets;
  return {
    id,
    frame: frameOf({ says: "open", id: text(id), from: way.from, proof: key.prove(...openParts(id, way)) }),
    secretBy: ({ nonce, proof }) =>
      clusterKey([secret]).isProof(proof, ...openedParts(id, nonce, way))
        ? secretOf(secret, id, nonce, way)
        : undefined,
  };
}

export interface AnsweredOpen {
  readonly frame: Buffer;
  /** Undefined: who asks has none of our keys. */
  readonly secret: PipeSecret | undefined;
}

/** The acceptor's part. */
export function answerOpen(key: ClusterKey, { id, proof }: { id: Buffer; proof: string }, way: Way): AnsweredOpen {
  const known = key.secrets.find((secret) => clusterKey([secret]).isProof(proof, ...openParts(id, way)));
  if (known === undefined) return { frame: frameOf({ says: "stranger", id: text(id) }), secret: undefined };
  const nonce = randomBytes(NONCE_BYTES);
  const ours = clusterKey([known]).prove(...openedParts(id, nonce, way));
  const frame = frameOf({ says: "opened", id: text(id), nonce: text(nonce), proof: ours });
  return { frame, secret: secretOf(known, id, nonce, way) };
}

/** Both ends bring something fresh, so that no pipe has the key of another. */
function secretOf(secret: string, id: Buffer, nonce: Buffer, { from, to }: Way): PipeSecret {
  const about = JSON.stringify(["twinship pipe", from, to]);
  return { id, key: Buffer.from(hkdfSync("sha256", secret, Buffer.concat([id, nonce]), about, KEY_BYTES)) };
}

const openParts = (id: Buffer, { from, to }: Way) => ["redis open", from, to, text(id)];

const openedParts = (id: Buffer, nonce: Buffer, { from, to }: Way) => ["redis opened", from, to, text(id), text(nonce)];

const frameOf = (greeting: z.input<typeof Greeting>): Buffer =>
  Buffer.concat([Buffer.of(GREETING), Buffer.from(JSON.stringify(greeting))]);

const text = (bytes: Buffer): string => bytes.toString("base64url");

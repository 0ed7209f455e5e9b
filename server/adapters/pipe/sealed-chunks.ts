import { createCipheriv, createDecipheriv } from "node:crypto";

/** The end of a pipe that asked for it, or the end that was asked. */
export type Side = "opener" | "acceptor";

/** What both ends of a pipe know and nobody else does. */
export interface PipeSecret {
  readonly id: Buffer;
  readonly key: Buffer;
}

/** In the first byte of a frame: a chunk of this form. A later form gets another number. */
export const CHUNK = 2;

export const ID_BYTES = 16;

const SIDE_AT = 1;
const ID_AT = 2;
const NUMBER_AT = ID_AT + ID_BYTES;
const NUMBER_BYTES = 6;
const HEADER_BYTES = NUMBER_AT + NUMBER_BYTES;

const CIPHER = "aes-256-gcm";
const TAG_BYTES = 16;

const BYTE_OF: Readonly<Record<Side, number>> = { opener: 0, acceptor: 1 };

const OTHER: Readonly<Record<Side, Side>> = { opener: "acceptor", acceptor: "opener" };

/** A chunk that is not the next one of its pipe, or was not sealed by the other end. */
export class BrokenChunk extends Error {
  override readonly name = "BrokenChunk";
}

/** Numbers chunks and seals them, so that the other end notices one that is lost, doubled, moved, changed or invented. */
export function sealer({ id, key }: PipeSecret, side: Side): (plain: Buffer) => Buffer {
  let next = 0;
  return (plain) => {
    const header = headerOf(id, side, next++);
    const cipher = createCipheriv(CIPHER, key, ivOf(header), { authTagLength: TAG_BYTES }).setAAD(header);
    return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };
}

/** Opens what the other end sealed, if it comes in order and whole; anything else is a BrokenChunk. */
export function unsealer({ id, key }: PipeSecret, side: Side): (frame: Buffer) => Buffer {
  let next = 0;
  return (frame) => {
    const header = headerOf(id, OTHER[side], next++);
    if (!frame.subarray(0, HEADER_BYTES).equals(header)) throw new BrokenChunk(`Chunk ${next - 1} is missing`);
    const end = Math.max(HEADER_BYTES, frame.length - TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, key, ivOf(header), { authTagLength: TAG_BYTES }).setAAD(header);
    try {
      decipher.setAuthTag(frame.subarray(end));
      return Buffer.concat([decipher.update(frame.subarray(HEADER_BYTES, end)), decipher.final()]);
    } catch {
      throw new BrokenChunk(`Chunk ${next - 1} was not sealed by the other end`);
    }
  };
}

/** Which end of which pipe a chunk is for. */
export function addresseeOf(frame: Buffer): string {
  const to = frame[SIDE_AT] === BYTE_OF.opener ? "acceptor" : "opener";
  return endName(frame.subarray(ID_AT, NUMBER_AT), to);
}

export const endName = (id: Buffer, side: Side): string => `${side} of ${id.toString("hex")}`;

function headerOf(id: Buffer, side: Side, number: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = CHUNK;
  header[SIDE_AT] = BYTE_OF[side];
  id.copy(header, ID_AT);
  header.writeUIntBE(number, NUMBER_AT, NUMBER_BYTES);
  return header;
}

/** Never used twice with one key: no two chunks of a pipe have the same side and number. */
function ivOf(header: Buffer): Buffer {
  const iv = Buffer.alloc(12);
  iv[0] = header[SIDE_AT] ?? 0;
  header.copy(iv, 12 - NUMBER_BYTES, NUMBER_AT);
  return iv;
}

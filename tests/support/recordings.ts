import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Three seconds of one note, encoded as phones and browsers do: loud, hardly to be heard, and loud again. */
export const recording = (name: string): Buffer<ArrayBuffer> =>
  readFileSync(join(import.meta.dirname, "recordings", name));

interface Wav {
  readonly seconds: number;
  readonly rate?: number;
  readonly channels?: number;
  readonly bits?: 8 | 16 | 24 | 32;
  /** From -1 to 1, at that second. */
  readonly sample: (second: number) => number;
}

/** A WAV as recorders write it. */
export function wav({ seconds, rate = 16_000, channels = 1, bits = 16, sample }: Wav): Buffer<ArrayBuffer> {
  const frame = (channels * bits) / 8;
  const frames = Math.round(seconds * rate);
  const file = Buffer.alloc(44 + frames * frame);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(file.length - 8, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * frame, 28);
  file.writeUInt16LE(frame, 32);
  file.writeUInt16LE(bits, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(frames * frame, 40);
  for (let n = 0; n < frames * channels; n++) {
    const loud = Math.max(-1, Math.min(1, sample(Math.floor(n / channels) / rate)));
    const at = 44 + (n * bits) / 8;
    if (bits === 8) file.writeUInt8(Math.round(128 + loud * 127), at);
    else file.writeIntLE(Math.round(loud * (2 ** (bits - 1) - 1)), at, bits / 8);
  }
  return file;
}

export const note = (second: number): number => Math.sin(second * 440 * 2 * Math.PI);
export const silence = (): number => 0;

import { Levels } from "./levels.ts";
import { Unfit } from "./unfit.ts";

type Sample = (view: DataView, at: number) => number;

/** By format (1: whole numbers, 3: fractions) and bits. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  "1/8": (view, at) => (view.getUint8(at) - 128) / 128,
  "1/16": (view, at) => view.getInt16(at, true) / 0x8000,
  "1/24": (view, at) => ((view.getUint8(at) | (view.getInt16(at + 1, true) << 8)) << 8) / 0x80000000,
  "1/32": (view, at) => view.getInt32(at, true) / 0x80000000,
  "3/32": (view, at) => view.getFloat32(at, true),
  "3/64": (view, at) => view.getFloat64(at, true),
};

/** Its format stands in an extension of the chunk. */
const EXTENSIBLE = 0xfffe;

interface Format {
  readonly channels: number;
  readonly rate: number;
  readonly bytes: number;
  readonly sample: Sample;
}

const SLICE_FRAMES = 48_000;

/** PCM as it lies in the file: nothing is to be decoded. */
export function wavLevels(file: Buffer): Levels {
  const { format, from, to } = chunksOf(file);
  const frame = format.channels * format.bytes;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const levels = new Levels();
  for (let at = from; at + frame <= to; at += SLICE_FRAMES * frame) {
    const frames = Math.min(SLICE_FRAMES, Math.floor((to - at) / frame));
    const channels = Array.from({ length: format.channels }, (_, c) =>
      Float32Array.from({ length: frames }, (_none, n) => format.sample(view, at + n * frame + c * format.bytes)),
    );
    levels.add(channels, format.rate);
  }
  return levels;
}

function chunksOf(file: Buffer): { format: Format; from: number; to: number } {
  let format: Format | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const [name, size] = [file.toString("latin1", at, at + 4), file.readUInt32LE(at + 4)];
    const from = at + 8;
    if (name === "fmt " && from + 16 <= file.length) format = formatAt(file, from);
    // A recorder that was cut off may not have come back to write how much it is.
    if (name === "data" && format) return { format, from, to: Math.min(file.length, from + (size || file.length)) };
    at = from + size + (size % 2);
  }
  throw new Unfit("The recording is damaged: there is no sound in it");
}

function formatAt(file: Buffer, at: number): Format {
  const [kind, channels, rate, bits] = [
    file.readUInt16LE(at),
    file.readUInt16LE(at + 2),
    file.readUInt32LE(at + 4),
    file.readUInt16LE(at + 14),
  ];
  const plain = kind === EXTENSIBLE && at + 26 <= file.length ? file.readUInt16LE(at + 24) : kind;
  const sample = SAMPLES[`${plain}/${bits}`];
  if (!sample || channels < 1 || channels > 8 || rate < 1000 || rate > 384_000)
    throw new Unfit("This kind of WAV is not understood: record it as 16-bit PCM");
  return { channels, rate, bytes: bits / 8, sample };
}

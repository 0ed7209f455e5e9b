import type { Packets } from "./packets.ts";
import { Unfit } from "./unfit.ts";

/** Boxes with nothing but boxes in them. */
const MASTERS = new Set(["moov", "trak", "mdia", "minf", "stbl", "mvex", "moof", "traf"]);

interface Box {
  readonly type: string;
  readonly body: Buffer;
}

interface Track {
  kind: string;
  codec: string;
  channels: number;
  timescale: number;
  duration: number;
  sizes: number[];
}

const newTrack = (): Track => ({ kind: "", codec: "", channels: 1, timescale: 1, duration: 0, sizes: [] });

/** What fragments say once for all of their samples. */
interface Defaults {
  duration: number;
  size: number;
}

/**
 * The sizes of what a recording is made of, in one piece or in fragments: their bytes are not looked for, since nothing
 * here decodes them.
 */
export function mp4Packets(file: Buffer): Packets {
  const tracks: Track[] = [];
  const defaults: Defaults = { duration: 0, size: 0 };
  let media = 0;
  for (const { type, body } of boxesOf(file)) {
    const track = tracks.at(-1);
    if (type === "trak") tracks.push(newTrack());
    else if (type === "mdat") media += body.length;
    else if (type === "trex" && body.length >= 20) {
      defaults.duration = body.readUInt32BE(12);
      defaults.size = body.readUInt32BE(16);
    } else if (type === "tfhd") fragmentHead(defaults, body);
    else if (track && type === "trun") fragmentRun(track, defaults, body);
    else if (track) describe(track, type, body);
  }
  if (tracks.some(({ kind }) => kind === "vide")) throw new Unfit("This is a film, and no recording of a voice");
  const sound = tracks.find(({ kind }) => kind === "soun");
  if (!sound) throw new Unfit("The recording is damaged: there is no sound in it");
  if (sound.sizes.reduce((sum, size) => sum + size, 0) > media)
    throw new Unfit("The recording is damaged: it ends in the middle");
  const durationMs = Math.round((sound.duration / sound.timescale) * 1000);
  const packets = sound.sizes.map((size) => EMPTY.subarray(0, Math.min(size, EMPTY.length)));
  const codec = sound.codec === "mp4a" ? "aac" : "other";
  return { codec, channels: sound.channels, preSkip: 0, durationMs, packets };
}

/** Stands in for what is not read: as long as any packet of a voice is. */
const EMPTY = new Uint8Array(64 * 1024);

function* boxesOf(file: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= file.length; ) {
    const [short, type] = [file.readUInt32BE(at), file.toString("latin1", at + 4, at + 8)];
    const isLong = short === 1 && at + 16 <= file.length;
    const head = isLong ? 16 : 8;
    // A length of nothing: to the end of the file.
    const length = isLong ? Number(file.readBigUInt64BE(at + 8)) : short === 0 ? file.length - at : short;
    if (length < head) return;
    if (MASTERS.has(type)) {
      yield { type, body: file.subarray(at, at) };
      at += head;
      continue;
    }
    if (at + length > file.length) throw new Unfit("The recording is damaged: it ends in the middle");
    yield { type, body: file.subarray(at + head, at + length) };
    at += length;
  }
}

function describe(track: Track, type: string, body: Buffer): void {
  if (type === "hdlr" && body.length >= 12) track.kind = body.toString("latin1", 8, 12);
  if (type === "mdhd" && body.length >= 24) {
    const isLong = body.readUInt8(0) === 1 && body.length >= 32;
    track.timescale = body.readUInt32BE(isLong ? 20 : 12) || 1;
    track.duration = isLong ? Number(body.readBigUInt64BE(24)) : body.readUInt32BE(16);
  }
  if (type === "stsd" && body.length >= 34) {
    track.codec = body.toString("latin1", 12, 16);
    track.channels = body.readUInt16BE(32) || 1;
  }
  if (type === "stsz" && body.length >= 12) track.sizes = sampleSizes(body);
}

function sampleSizes(body: Buffer): number[] {
  const [same, count] = [body.readUInt32BE(4), body.readUInt32BE(8)];
  const listed = same === 0 ? Math.min(count, Math.floor((body.length - 12) / 4)) : Math.min(count, 100_000);
  return Array.from({ length: listed }, (_, n) => (same === 0 ? body.readUInt32BE(12 + 4 * n) : same));
}

const FLAGS = { offset: 1, first: 4, duration: 0x100, size: 0x200, flags: 0x400, shift: 0x800 } as const;

function fragmentHead(defaults: Defaults, body: Buffer): void {
  if (body.length < 8) return;
  const flags = body.readUIntBE(1, 3);
  let at = 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0);
  if (flags & 8 && at + 4 <= body.length) {
    defaults.duration = body.readUInt32BE(at);
    at += 4;
  }
  if (flags & 16 && at + 4 <= body.length) defaults.size = body.readUInt32BE(at);
}

function fragmentRun(track: Track, defaults: Defaults, body: Buffer): void {
  if (body.length < 8) return;
  const flags = body.readUIntBE(1, 3);
  let at = 8 + (flags & FLAGS.offset ? 4 : 0) + (flags & FLAGS.first ? 4 : 0);
  const each = [FLAGS.duration, FLAGS.size, FLAGS.flags, FLAGS.shift].filter((flag) => flags & flag).length * 4;
  const count = each === 0 ? Math.min(body.readUInt32BE(4), 100_000) : body.readUInt32BE(4);
  for (let n = 0; n < count && at + each <= body.length; n++, at += each) {
    const afterDuration = flags & FLAGS.duration ? at + 4 : at;
    track.duration += flags & FLAGS.duration ? body.readUInt32BE(at) : defaults.duration;
    track.sizes.push(flags & FLAGS.size ? body.readUInt32BE(afterDuration) : defaults.size);
  }
}

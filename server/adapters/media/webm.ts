import type { Packets } from "./packets.ts";
import { Unfit } from "./unfit.ts";

/** Elements by their ids. Of those with others inside, only what is inside is looked at. */
const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  cluster: 0x1f43b675,
  tracks: 0x1654ae6b,
  track: 0xae,
  audio: 0xe1,
  info: 0x1549a966,
  blockGroup: 0xa0,
  timestampScale: 0x2ad7b1,
  trackNumber: 0xd7,
  trackType: 0x83,
  codec: 0x86,
  codecPrivate: 0x63a2,
  channels: 0x9f,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  block: 0xa1,
} as const;

const MASTERS: ReadonlySet<number> = new Set([
  ...[ID.ebml, ID.segment, ID.cluster, ID.tracks, ID.track, ID.audio, ID.info, ID.blockGroup],
]);

const VIDEO = 1;
const AUDIO = 2;

/** A packet of speech is that long, as far as the last one's end goes. */
const PACKET_MS = 20;

interface Track {
  number: number;
  type: number;
  codec: string;
  channels: number;
  preSkip: number;
}

const newTrack = (): Track => ({ number: 0, type: 0, codec: "", channels: 1, preSkip: 0 });

/**
 * The packets of the first sound in it. Recorders that write as they go leave sizes and durations open, so elements are
 * read one after the other, whatever they are said to be part of.
 */
export function webmPackets(file: Buffer): Packets {
  const tracks: Track[] = [];
  const packets: Buffer[] = [];
  let [scale, cluster, last, first] = [1_000_000, 0, -1, -1];
  for (const { id, body } of elementsOf(file)) {
    const track = tracks.at(-1);
    if (id === ID.track) tracks.push(newTrack());
    else if (id === ID.timestampScale) scale = whole(body);
    else if (id === ID.timestamp) cluster = whole(body);
    else if (id === ID.simpleBlock || id === ID.block) {
      const sound = tracks.find(({ type }) => type === AUDIO);
      if (body.length < 5 || !sound || (body.readUInt8(0) & 0x7f) !== sound.number) continue;
      last = cluster + body.readInt16BE(1);
      if (first < 0) first = last;
      packets.push(body.subarray(4));
    } else if (track) describe(track, id, body);
  }
  if (tracks.some(({ type }) => type === VIDEO)) throw new Unfit("This is a film, and no recording of a voice");
  const sound = tracks.find(({ type }) => type === AUDIO);
  if (!sound) throw new Unfit("The recording is damaged: there is no sound in it");
  const durationMs = packets.length === 0 ? 0 : Math.round(((last - first) * scale) / 1e6) + PACKET_MS;
  const codec = sound.codec === "A_OPUS" ? "opus" : sound.codec === "A_VORBIS" ? "vorbis" : "other";
  return { codec, channels: sound.channels, preSkip: sound.preSkip, durationMs, packets };
}

function describe(track: Track, id: number, body: Buffer): void {
  if (id === ID.trackNumber) track.number = whole(body);
  if (id === ID.trackType) track.type = whole(body);
  if (id === ID.channels) track.channels = whole(body);
  if (id === ID.codec) track.codec = body.toString("latin1").replace(/\0.*$/s, "");
  if (id === ID.codecPrivate && body.toString("latin1", 0, 8) === "OpusHead" && body.length >= 12)
    track.preSkip = body.readUInt16LE(10);
}

function* elementsOf(file: Buffer): Generator<{ id: number; body: Buffer }> {
  for (let at = 0; at < file.length; ) {
    const id = idAt(file, at);
    const size = id && sizeAt(file, at + id.length);
    if (!id || !size) return;
    const from = at + id.length + size.length;
    if (MASTERS.has(id.value)) {
      yield { id: id.value, body: file.subarray(from, from) };
      at = from;
      continue;
    }
    if (from + size.value > file.length) throw new Unfit("The recording is damaged: it ends in the middle");
    yield { id: id.value, body: file.subarray(from, from + size.value) };
    at = from + size.value;
  }
}

interface Sized {
  readonly value: number;
  readonly length: number;
}

/** Zeros before the first one of a byte say how many more bytes belong to it. */
function idAt(file: Buffer, at: number): Sized | undefined {
  const length = Math.clz32(file[at] ?? 0) - 23;
  if (length > 4 || at + length > file.length) return undefined;
  return { value: file.readUIntBE(at, length), length };
}

function sizeAt(file: Buffer, at: number): Sized | undefined {
  const length = Math.clz32(file[at] ?? 0) - 23;
  if (length > 8 || at + length > file.length) return undefined;
  let value = (file[at] ?? 0) & (0xff >> length);
  for (let n = 1; n < length; n++) value = value * 256 + (file[at + n] ?? 0);
  return { value, length };
}

function whole(body: Buffer): number {
  let value = 0;
  for (const byte of body.subarray(0, 7)) value = value * 256 + byte;
  return value;
}

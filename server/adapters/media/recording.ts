import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MediaFacts, RecordingType, Variant } from "../../../schema/wire/media.ts";
import { ffmpegLevels, findFfmpeg } from "./ffmpeg.ts";
import { estimatedWaveform, Levels } from "./levels.ts";
import { mp4Packets } from "./mp4.ts";
import { oggPackets } from "./ogg.ts";
import type { Packets } from "./packets.ts";
import { withoutTags } from "./tags.ts";
import { Unfit } from "./unfit.ts";
import { wavLevels } from "./wav.ts";
import { webmPackets } from "./webm.ts";

const MOST_MS = 3 * 60_000;

/** A recorder that stops at three minutes stops a little later. */
const TOLERANCE_MS = 500;

/** So many packets are decoded at once: no more of the sound than that is ever in memory. */
const PACKETS_AT_ONCE = 250;

const MP3_SLICE_BYTES = 64 * 1024;

interface Heard {
  readonly durationMs: number;
  readonly waveform: readonly number[];
}

/** How long it is and how loud where. Its sound is played as it came. */
export async function inspectRecording(
  file: string,
  { folder, contentType }: { readonly folder: string; readonly contentType: RecordingType },
): Promise<{ facts: MediaFacts; variants: readonly Variant[] }> {
  const kept = withoutTags(await readFile(file), contentType);
  const { durationMs, waveform } = await heard(file, kept, contentType);
  if (durationMs < 1) throw new Unfit("There is nothing in this recording");
  if (durationMs > MOST_MS + TOLERANCE_MS)
    throw new Unfit(`A recording may be ${MOST_MS / 60_000} minutes long; this one is longer`);
  await writeFile(join(folder, "voice"), kept);
  const size = { bytes: kept.length, width: null, height: null };
  const facts = { contentType, ...size, durationMs, waveform, placeholder: null };
  return { facts, variants: [{ name: "voice", contentType, ...size }] };
}

function heard(file: string, bytes: Buffer, contentType: RecordingType): Promise<Heard> {
  switch (contentType) {
    case "audio/wav":
      return Promise.resolve(heardBy(wavLevels(bytes)));
    case "audio/mpeg":
      return mp3Heard(bytes);
    case "audio/ogg":
      return packetsHeard(file, oggPackets(bytes));
    case "audio/webm":
      return packetsHeard(file, webmPackets(bytes));
    case "audio/mp4":
      return packetsHeard(file, mp4Packets(bytes));
  }
}

const heardBy = (levels: Levels): Heard => ({ durationMs: levels.durationMs, waveform: levels.waveform() });

/** Opus is decoded here; anything else by ffmpeg where there is one, and else its waveform is estimated. */
async function packetsHeard(file: string, sound: Packets): Promise<Heard> {
  const { codec, packets, durationMs } = sound;
  if (packets.length === 0) throw new Unfit("There is nothing in this recording");
  if (durationMs > MOST_MS + TOLERANCE_MS) return { durationMs, waveform: [] };
  if (codec === "opus") return { ...heardBy(await opusLevels(sound)), durationMs };
  const ffmpeg = await findFfmpeg();
  if (ffmpeg) return { ...heardBy(await ffmpegLevels(ffmpeg, file)), durationMs };
  return { durationMs, waveform: estimatedWaveform(packets.map(({ length }) => length)) };
}

async function opusLevels({ channels, preSkip, packets }: Packets): Promise<Levels> {
  const { OpusDecoder } = await import("opus-decoder");
  const decoder = new OpusDecoder({ channels: channels === 1 ? 1 : 2, preSkip, sampleRate: 48_000 });
  await decoder.ready;
  const levels = new Levels();
  let isHeard = false;
  for (let n = 0; n < packets.length; n += PACKETS_AT_ONCE) {
    const slice = packets.slice(n, n + PACKETS_AT_ONCE).map((packet) => Uint8Array.from(packet));
    const { channelData, sampleRate, samplesDecoded } = decoder.decodeFrames(slice);
    isHeard ||= samplesDecoded > 0;
    levels.add(channelData, sampleRate);
  }
  decoder.free();
  if (!isHeard) throw new Unfit("The recording is damaged: there is no sound in it");
  return levels;
}

async function mp3Heard(bytes: Buffer): Promise<Heard> {
  const { MPEGDecoder } = await import("mpg123-decoder");
  const decoder = new MPEGDecoder();
  await decoder.ready;
  const levels = new Levels();
  for (let at = 0; at < bytes.length && levels.durationMs <= MOST_MS + TOLERANCE_MS; at += MP3_SLICE_BYTES) {
    const { channelData, sampleRate } = decoder.decode(bytes.subarray(at, at + MP3_SLICE_BYTES));
    levels.add(channelData, sampleRate);
  }
  decoder.free();
  return heardBy(levels);
}

import type { Packets } from "./packets.ts";
import { Unfit } from "./unfit.ts";

const HEAD_BYTES = 27;

/** What a page ends with stands for a whole packet unless all of its last 255 bytes were needed. */
const CONTINUED = 255;

const OPUS_RATE = 48_000;

interface Read {
  readonly packets: Buffer[];
  /** Samples, up to the end. */
  readonly granule: number;
}

/** Pages put together again into packets; of several streams, the first. */
export function oggPackets(file: Buffer): Packets {
  const { packets, granule } = packetsIn(file);
  const [head, , ...rest] = packets;
  if (head?.toString("latin1", 0, 8) === "OpusHead" && head.length >= 12) {
    const preSkip = head.readUInt16LE(10);
    const durationMs = Math.max(0, Math.round(((granule - preSkip) / OPUS_RATE) * 1000));
    return { codec: "opus", channels: head.readUInt8(9), preSkip, durationMs, packets: rest };
  }
  if (head?.toString("latin1", 1, 7) === "vorbis" && head.length >= 16) {
    const rate = head.readUInt32LE(12) || OPUS_RATE;
    const durationMs = Math.round((granule / rate) * 1000);
    // Comments and codebooks come before the sound.
    return { codec: "vorbis", channels: head.readUInt8(11), preSkip: 0, durationMs, packets: rest.slice(1) };
  }
  throw new Unfit("This kind of Ogg is not understood: record it with Opus");
}

function packetsIn(file: Buffer): Read {
  const packets: Buffer[] = [];
  const open: Buffer[] = [];
  let [granule, serial] = [0, -1];
  for (let at = file.indexOf("OggS"); at >= 0 && at + HEAD_BYTES <= file.length; ) {
    const count = file.readUInt8(at + 26);
    const lacing = file.subarray(at + HEAD_BYTES, at + HEAD_BYTES + count);
    let from = at + HEAD_BYTES + count;
    const stream = file.readUInt32LE(at + 14);
    if (serial === -1) serial = stream;
    for (const size of lacing) {
      if (stream === serial) open.push(file.subarray(from, from + size));
      from += size;
      if (size < CONTINUED && stream === serial) packets.push(Buffer.concat(open.splice(0)));
    }
    if (from > file.length) throw new Unfit("The recording is damaged: it ends in the middle");
    const ended = file.readBigInt64LE(at + 6);
    if (stream === serial && ended >= 0n) granule = Math.max(granule, Number(ended));
    at = file.indexOf("OggS", from);
  }
  return { packets, granule };
}

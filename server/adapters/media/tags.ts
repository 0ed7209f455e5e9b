import type { RecordingType } from "../../../schema/wire/media.ts";
import { blankOggComments } from "./ogg-comments.ts";

/**
 * A recording without what was written beside its sound: names, places, pictures of covers. Blanked where it stands, so
 * that nothing that refers to a place in the file is wrong afterwards; only an MP3's tags, which stand outside of it, go.
 */
export function withoutTags(file: Buffer, type: RecordingType): Buffer {
  if (type === "audio/mpeg") return withoutId3(file);
  const copy = Buffer.from(file);
  BLANK[type](copy);
  return copy;
}

const BLANK: Readonly<Record<Exclude<RecordingType, "audio/mpeg">, (file: Buffer) => void>> = {
  "audio/mp4": blankMp4,
  "audio/wav": blankWav,
  "audio/webm": blankWebm,
  "audio/ogg": blankOggComments,
};

const ID3_HEAD = 10;
const ID3_FOOT = 0x10;
const ID3V1_BYTES = 128;

function withoutId3(file: Buffer): Buffer {
  let from = 0;
  while (file.toString("latin1", from, from + 3) === "ID3" && from + ID3_HEAD <= file.length) {
    // Of each byte seven bits count.
    const size = file.subarray(from + 6, from + ID3_HEAD).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
    const foot = file.readUInt8(from + 5) & ID3_FOOT ? ID3_HEAD : 0;
    from += ID3_HEAD + size + foot;
  }
  const old = file.length - ID3V1_BYTES;
  const isOld = old >= from && file.toString("latin1", old, old + 3) === "TAG";
  return file.subarray(Math.min(from, file.length), isOld ? old : file.length);
}

const MP4_MASTERS = new Set(["moov", "trak", "mdia", "minf", "moof", "traf"]);
const MP4_TAGS = new Set(["udta", "meta", "uuid"]);

function blankMp4(file: Buffer): void {
  for (let at = 0; at + 8 <= file.length; ) {
    const [short, type] = [file.readUInt32BE(at), file.toString("latin1", at + 4, at + 8)];
    const head = short === 1 ? 16 : 8;
    if (short === 1 && at + 16 > file.length) return;
    const length = short === 1 ? Number(file.readBigUInt64BE(at + 8)) : short === 0 ? file.length - at : short;
    if (length < head) return;
    if (MP4_MASTERS.has(type)) {
      at += head;
      continue;
    }
    if (MP4_TAGS.has(type)) {
      file.write("free", at + 4, "latin1");
      file.fill(0, at + head, Math.min(at + length, file.length));
    }
    at += length;
  }
}

/** What it takes to be heard; everything else is about something. */
const WAV_SOUND = new Set(["fmt ", "data", "fact"]);

function blankWav(file: Buffer): void {
  for (let at = 12; at + 8 <= file.length; ) {
    const [name, size] = [file.toString("latin1", at, at + 4), file.readUInt32LE(at + 4)];
    if (!WAV_SOUND.has(name)) {
      file.write("JUNK", at, "latin1");
      file.fill(0, at + 8, Math.min(at + 8 + size, file.length));
    }
    at += 8 + size + (size % 2);
  }
}

const WEBM_MASTERS: ReadonlySet<number> = new Set([0x1a45dfa3, 0x18538067, 0x1549a966, 0x1654ae6b, 0xae]);

/** Tags, attachments; and a title, a date, names of things, which are left empty where they stand. */
const WEBM_TAGS: ReadonlySet<number> = new Set([0x1254c367, 0x1941a469]);
const WEBM_WORDS: ReadonlySet<number> = new Set([0x7ba9, 0x4461, 0x536e]);
const WEBM_CLUSTER = 0x1f43b675;
const WEBM_VOID = 0xec;

function blankWebm(file: Buffer): void {
  for (let at = 0; at < file.length; ) {
    const id = numberAt(file, at, 4, false);
    const size = id && numberAt(file, at + id.length, 8, true);
    if (!id || !size) return;
    const from = at + id.length + size.length;
    // Sound of unknown length has nothing around it that could be passed over.
    const isOpen = WEBM_MASTERS.has(id.value) || id.value === WEBM_CLUSTER;
    const end = isOpen ? from : Math.min(from + size.value, file.length);
    if (WEBM_WORDS.has(id.value)) file.fill(0, from, end);
    if (WEBM_TAGS.has(id.value)) voidAt(file, at, id.length + size.length, end);
    at = end;
  }
}

/** An element of nothing, as long as what stood there: one byte says so, and the others of its head how long it is. */
function voidAt(file: Buffer, at: number, head: number, end: number): void {
  const length = Math.min(head - 1, 8);
  const from = at + 1 + length;
  file.fill(0, at, end);
  file.writeUInt8(WEBM_VOID, at);
  let rest = end - from;
  for (let n = length; n >= 1; n--) {
    file.writeUInt8(rest % 256, at + n);
    rest = Math.floor(rest / 256);
  }
  file.writeUInt8(file.readUInt8(at + 1) | (0x100 >> length), at + 1);
}

/** Zeros before the first one of a byte say how many more bytes belong to the number; with or without that one. */
function numberAt(file: Buffer, at: number, most: number, isSize: boolean) {
  const length = Math.clz32(file[at] ?? 0) - 23;
  if (length > most || at + length > file.length) return undefined;
  let value = (file[at] ?? 0) & (isSize ? 0xff >> length : 0xff);
  for (let n = 1; n < length; n++) value = value * 256 + (file[at + n] ?? 0);
  return { value, length };
}

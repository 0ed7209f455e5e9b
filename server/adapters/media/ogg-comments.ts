const HEAD_BYTES = 27;
const CRC_AT = 22;
const CONTINUED = 255;

interface Part {
  readonly from: number;
  readonly to: number;
  readonly page: number;
}

/** The second packet of a stream holds its comments; it may go over many pages if there is a picture among them. */
export function blankOggComments(file: Buffer): void {
  const { parts, pages } = secondPacket(file);
  const packet = Buffer.concat(parts.map(({ from, to }) => file.subarray(from, to)));
  if (!blankComments(packet)) return;
  let at = 0;
  for (const { from, to } of parts) at += packet.copy(file, from, at, at + to - from);
  for (const page of new Set(parts.map((part) => part.page))) sign(file, page, pages.get(page) ?? page);
}

/** Who made it stays, for a decoder wants to know; nobody's comments follow. False for what is no such packet. */
function blankComments(packet: Buffer): boolean {
  const isOpus = packet.toString("latin1", 0, 8) === "OpusTags";
  const isVorbis = packet.toString("latin1", 0, 7) === "\x03vorbis";
  const vendor = isOpus ? 8 : 7;
  if ((!isOpus && !isVorbis) || packet.length < vendor + 4) return false;
  const count = vendor + 4 + packet.readUInt32LE(vendor);
  if (count + 5 > packet.length) return false;
  packet.fill(0, count);
  // Vorbis ends its comments with a bit that is set.
  if (isVorbis) packet.writeUInt8(1, count + 4);
  return true;
}

/** Where it lies in the file, and where each of its pages ends. */
function secondPacket(file: Buffer): { parts: readonly Part[]; pages: ReadonlyMap<number, number> } {
  const pages = new Map<number, number>();
  const parts: Part[] = [];
  for (let page = file.indexOf("OggS"), nth = 0; page >= 0 && page + HEAD_BYTES <= file.length; ) {
    const count = file.readUInt8(page + 26);
    const lacing = file.subarray(page + HEAD_BYTES, page + HEAD_BYTES + count);
    let from = page + HEAD_BYTES + count;
    const end = from + lacing.reduce((sum, size) => sum + size, 0);
    pages.set(page, end);
    for (const size of lacing) {
      if (nth === 1) parts.push({ from, to: from + size, page });
      from += size;
      if (size < CONTINUED) nth++;
      if (nth === 2) return { parts, pages };
    }
    page = file.indexOf("OggS", end);
  }
  // It ends in the middle of its comments: there is no sound in it either.
  return { parts: [], pages };
}

function sign(file: Buffer, from: number, to: number): void {
  file.writeUInt32LE(0, from + CRC_AT);
  let crc = 0;
  for (const byte of file.subarray(from, to)) crc = ((crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 255] ?? 0)) >>> 0;
  file.writeUInt32LE(crc, from + CRC_AT);
}

/** Ogg's own: the usual polynomial, from the other end. */
const TABLE = Array.from({ length: 256 }, (_, n) => {
  let crc = n << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

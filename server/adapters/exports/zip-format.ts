/** What stands in an archive beside its files, as PKWARE's APPNOTE has it; numbers beyond 32 bits by its ZIP64. */
export interface Entry {
  readonly name: Buffer;
  readonly at: Date;
  /** Stored as it is, with what it comes to before it; or deflated, and what it came to after it. */
  readonly isStored: boolean;
  readonly crc32: number;
  /** As it lies in the archive. */
  readonly packed: number;
  readonly bytes: number;
}

const MOST_32 = 0xffffffff;
const MOST_16 = 0xffff;

const STORED = 0;
const DEFLATED = 8;

const NAMED_IN_UTF8 = 1 << 11;
const TOLD_AFTERWARDS = 1 << 3;

const NEEDS_DEFLATE = 20;
const NEEDS_ZIP64 = 45;
/** By Unix, whose rights stand in the upper half of an entry's attributes; as of version 6.3. */
const MADE_BY = (3 << 8) | 63;
const PLAIN_FILE = (0o100644 << 16) >>> 0;

/** What tells of one file before its bytes. Of one that is deflated nothing is known yet. */
export function localHeader({ name, at, isStored, crc32, bytes }: Entry): Buffer {
  const extra = timeOf(at);
  const known = isStored ? { crc32, bytes } : { crc32: 0, bytes: 0 };
  return Buffer.concat([
    fields([4, 0x04034b50], ...described(isStored, NEEDS_DEFLATE, at)),
    fields([4, known.crc32], [4, known.bytes], [4, known.bytes], [2, name.length], [2, extra.length]),
    name,
    extra,
  ]);
}

/** What tells afterwards what a file came to. */
export const descriptor = ({ crc32, packed, bytes }: Entry): Buffer =>
  fields([4, 0x08074b50], [4, crc32], [4, packed], [4, bytes]);

/** One line of the directory that readers find files by; `offset` is where its local header begins. */
export function directoryLine({ name, at, isStored, crc32, packed, bytes }: Entry, offset: number): Buffer {
  if (packed >= MOST_32 || bytes >= MOST_32) throw new RangeError("A file of an archive has 4 GiB or more");
  const isFar = offset >= MOST_32;
  const extra = isFar ? Buffer.concat([timeOf(at), fields([2, 1], [2, 8], [8, offset])]) : timeOf(at);
  return Buffer.concat([
    fields([4, 0x02014b50], [2, MADE_BY], ...described(isStored, isFar ? NEEDS_ZIP64 : NEEDS_DEFLATE, at)),
    fields([4, crc32], [4, packed], [4, bytes], [2, name.length], [2, extra.length], [2, 0], [2, 0], [2, 0]),
    fields([4, PLAIN_FILE], [4, Math.min(offset, MOST_32)]),
    name,
    extra,
  ]);
}

/** What a reader looks for first, from the end of the archive on. */
export function endOf(entries: number, size: number, offset: number): Buffer {
  const end = fields(
    ...([
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
    ] as const),
    ...([
      [2, Math.min(entries, MOST_16)],
      [2, Math.min(entries, MOST_16)],
    ] as const),
    ...([
      [4, Math.min(size, MOST_32)],
      [4, Math.min(offset, MOST_32)],
      [2, 0],
    ] as const),
  );
  if (entries < MOST_16 && size < MOST_32 && offset < MOST_32) return end;
  const far = fields(
    ...([
      [4, 0x06064b50],
      [8, 44],
      [2, MADE_BY],
      [2, NEEDS_ZIP64],
      [4, 0],
      [4, 0],
    ] as const),
    ...([
      [8, entries],
      [8, entries],
      [8, size],
      [8, offset],
    ] as const),
  );
  const whereFar = fields([4, 0x07064b50], [4, 0], [8, offset + size], [4, 1]);
  return Buffer.concat([far, whereFar, end]);
}

type Field = readonly [bytes: 2 | 4 | 8, value: number];

const described = (isStored: boolean, needs: number, at: Date): readonly Field[] => [
  [2, needs],
  [2, isStored ? NAMED_IN_UTF8 : NAMED_IN_UTF8 | TOLD_AFTERWARDS],
  [2, isStored ? STORED : DEFLATED],
  [4, dosTime(at)],
];

/** The second of an archive's two clocks: the first has no zone and counts by two seconds. */
const timeOf = (at: Date): Buffer =>
  Buffer.concat([fields([2, 0x5455], [2, 5]), Buffer.of(1), fields([4, Math.floor(at.getTime() / 1000)])]);

function dosTime(at: Date): number {
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  const day = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  return ((day << 16) | time) >>> 0;
}

/** Little end first. */
function fields(...all: readonly Field[]): Buffer {
  const made = Buffer.alloc(all.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of all) {
    if (bytes === 8) made.writeBigUInt64LE(BigInt(value), at);
    else made.writeUIntLE(value, at, bytes);
    at += bytes;
  }
  return made;
}

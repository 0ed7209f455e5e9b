import assert from "node:assert/strict";
import { crc32, inflateRawSync } from "node:zlib";

/** The files of an archive, checked as any reader checks them. */
export function unzipped(zip: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  const { entries, offset } = endOf(zip);
  let at = offset;
  for (let left = entries; left > 0; left--) {
    assert.equal(zip.toString("latin1", at, at + 4), "PK\x01\x02");
    const [nameBytes, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field));
    const name = zip.toString("utf8", at + 46, at + 46 + (nameBytes ?? 0));
    files.set(name, fileAt(zip, at));
    at += 46 + (nameBytes ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return files;
}

/** How many files there are, and where their directory begins: numbers that are too large stand in an end of their own. */
export function endOf(zip: Buffer): { readonly entries: number; readonly offset: number } {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  assert.notEqual(end, -1, "an archive has an end");
  const [entries, offset] = [zip.readUInt16LE(end + 10), zip.readUInt32LE(end + 16)];
  if (entries !== 0xffff && offset !== 0xffffffff) return { entries, offset };
  const far = zip.lastIndexOf(Buffer.from("PK\x06\x06", "latin1"));
  assert.deepEqual([zip.toString("latin1", end - 20, end - 16), zip.readBigUInt64LE(far + 4)], ["PK\x06\x07", 44n]);
  return { entries: Number(zip.readBigUInt64LE(far + 32)), offset: Number(zip.readBigUInt64LE(far + 48)) };
}

function fileAt(zip: Buffer, entry: number): Buffer {
  const [method, crc, packed, size] = [
    zip.readUInt16LE(entry + 10),
    zip.readUInt32LE(entry + 16),
    zip.readUInt32LE(entry + 20),
    zip.readUInt32LE(entry + 24),
  ];
  const header = zip.readUInt32LE(entry + 42);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const body = zip.subarray(start, start + packed);
  const whole = method === 8 ? inflateRawSync(body) : body;
  assert.deepEqual([whole.length, crc32(whole)], [size, crc]);
  return whole;
}

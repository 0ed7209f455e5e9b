import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { type ArchiveFile, type Digest, zipped } from "../../server/adapters/exports/zip.ts";
import { directoryLine, endOf as zipEnd } from "../../server/adapters/exports/zip-format.ts";
import { endOf, unzipped } from "../support/zip.ts";

const at = new Date(Date.UTC(2026, 5, 15, 12));

const manifest = (digests: readonly Digest[]): ArchiveFile => file("manifest.json", [JSON.stringify(digests)]);

function file(path: string, pieces: Iterable<string | Uint8Array>): ArchiveFile {
  return {
    path,
    async *pieces() {
      yield* pieces;
    },
  };
}

describe("an archive", () => {
  it("[XP3] can be opened by anybody, with names and words in any script, and files that are empty", async () => {
    const files = [file("ünï/写真.json", ["ä", "b", "🎉"]), file("empty.json", [])];
    const found = unzipped(await buffer(zipped(files, manifest, at)));
    assert.deepEqual(
      [...found].map(([path, body]) => [path, path === "manifest.json" ? "" : String(body)]),
      [
        ["ünï/写真.json", "äb🎉"],
        ["empty.json", ""],
        ["manifest.json", ""],
      ],
    );
  });

  const stored = (path: string, body: Uint8Array): ArchiveFile => ({
    ...file(path, [body]),
    asItIs: { bytes: body.length, crc32: crc32(body) },
  });

  it("[XP12] holds more files than 65,535, which a reader finds by the larger numbers", async () => {
    const COUNT = 66_000;
    function* files() {
      for (let n = 0; n < COUNT; n++) yield stored(`media/${n}`, Buffer.from(String(n)));
    }
    const found = unzipped(await buffer(zipped(files(), () => file("manifest.json", []), at)));
    assert.equal(found.size, COUNT + 1);
    for (const n of [0, 65_534, 65_535, 65_536, COUNT - 1]) assert.equal(String(found.get(`media/${n}`)), String(n));
  });

  it("[XP12] says where a file lies beyond 4 GiB, and where its directory does", () => {
    const GIB = 2 ** 30;
    const entry = { name: Buffer.from("a"), at, isStored: true, crc32: 1, packed: 2, bytes: 2 };
    const [near, far] = [directoryLine(entry, 4 * GIB - 2), directoryLine(entry, 4 * GIB - 1)];
    assert.deepEqual([near.readUInt32LE(42), far.readUInt32LE(42)], [4 * GIB - 2, 4 * GIB - 1]);
    assert.deepEqual([near.readUInt16LE(6), far.readUInt16LE(6)], [20, 45]);
    const extra = far.subarray(46 + 1);
    assert.deepEqual([extra.readUInt16LE(9), extra.readUInt16LE(11)], [1, 8]);
    assert.equal(extra.readBigUInt64LE(13), BigInt(4 * GIB - 1));
    assert.equal(far.readUInt16LE(30), extra.length);
    assert.deepEqual(endOf(zipEnd(3, 500, 5 * GIB)), { entries: 3, offset: 5 * GIB });
    assert.deepEqual(endOf(zipEnd(3, 500, 4 * GIB - 2)), { entries: 3, offset: 4 * GIB - 2 });
    assert.throws(() => directoryLine({ ...entry, bytes: 4 * GIB }, 0), RangeError);
  });

  it("[XP13] a file that is another than was said breaks the archive off", async () => {
    const body = Buffer.from("as it is");
    for (const asItIs of [
      { bytes: 7, crc32: crc32(body) },
      { bytes: 8, crc32: 1 },
    ])
      await assert.rejects(buffer(zipped([{ ...stored("a", body), asItIs }], manifest, at)), /changed while/);
  });

  it("[XP9] is made as fast as it is read, and no more of it is in memory than is under way", async () => {
    let made = 0;
    function* endless() {
      for (let n = 0; n < 512; n++) {
        made += 65_536;
        yield randomBytes(65_536);
      }
    }
    let [read, most] = [0, 0];
    for await (const piece of zipped([file("big.bin", endless())], manifest, at)) {
      read += piece.length;
      most = Math.max(most, made - read);
      await new Promise(setImmediate);
    }
    assert.ok(read > 512 * 65_536);
    assert.ok(most < 2 * 1024 * 1024, `${most} bytes under way`);
  });

  it("[XP8] a file that breaks off breaks the archive off, and who stops reading stops the making", async () => {
    function* broken() {
      yield "words";
      throw new Error("the database is gone");
    }
    await assert.rejects(buffer(zipped([file("a", ["a"]), file("b", broken())], manifest, at)), /database is gone/);
    let isEnded = false;
    function* watched() {
      try {
        for (;;) yield randomBytes(65_536);
      } finally {
        isEnded = true;
      }
    }
    let pieces = 0;
    for await (const _ of zipped([file("endless", watched())], manifest, at)) if (++pieces === 20) break;
    while (!isEnded) await new Promise(setImmediate);
  });
});

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { type ArchiveFile, type Digest, zipped } from "../../server/adapters/exports/zip.ts";
import { unzipped } from "../support/zip.ts";

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

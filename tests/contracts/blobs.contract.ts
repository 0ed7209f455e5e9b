import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Announced, Upload } from "../../domain/media-store.ts";
import type { OpenedStore } from "../support/blob-doors.ts";

const MINUTE_MS = 60_000;

/** What every store does, whoever keeps the files; `isStrict`: it also sees to it that nobody does anything else. */
export function blobsContract(name: string, open: () => Promise<OpenedStore>, { isStrict }: { isStrict: boolean }) {
  describe(`files ${name}`, () => {
    let opened: OpenedStore;
    const folder = mkdtempSync(join(tmpdir(), "twinship-files-"));
    const now = Date.UTC(2026, 0, 1, 12, 0, 42);
    const body = randomBytes(300_000);
    const sha256 = createHash("sha256").update(body).digest("base64");
    const announced: Announced = { bytes: body.length, contentType: "image/jpeg", sha256: null };

    before(async () => {
      opened = await open();
    });
    beforeEach(() => opened.setNow(now));
    after(async () => {
      await opened.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const newKey = () => `incoming/${randomUUID()}`;
    const addressFor = (key: string, file = announced) => opened.store.uploadTo(key, file, now + 15 * MINUTE_MS);
    const put = (
      { url, headers }: Pick<Upload, "url" | "headers">,
      bytes: Uint8Array<ArrayBuffer> = body,
      other: Record<string, string> = {},
    ) => {
      const { "Content-Length": _given, ...own } = headers;
      return fetch(url, { method: "PUT", headers: { ...own, ...other }, body: bytes });
    };
    const statusOf = async (answer: Promise<Response>) => (await answer).status;
    const contents = async (key: string, from = 0, to = body.length - 1) =>
      Buffer.concat(await Array.fromAsync(opened.store.read(key, from, to)));
    const uploaded = async () => {
      const key = newKey();
      assert.equal(await statusOf(put(await addressFor(key))), 200);
      return key;
    };
    const linkOf = (key: string, at = now) =>
      opened.store.linkTo({ key, contentType: "image/webp", fileName: "picture.webp" }, at);

    it("[UP1] what was announced is taken by a signed PUT, and is then there, byte for byte", async () => {
      const key = newKey();
      assert.equal(await opened.store.sizeOf(key), undefined);
      const upload = await addressFor(key);
      assert.deepEqual([upload.method, upload.expiresAt], ["PUT", "2026-01-01T12:15:42.000Z"]);
      assert.equal(await statusOf(put(upload)), 200);
      assert.equal(await opened.store.sizeOf(key), body.length);
      assert.ok((await contents(key)).equals(body));
      assert.ok((await contents(key, 1000, 1999)).equals(body.subarray(1000, 2000)));
    });

    it("[UP1] a file is fetched to this machine and kept from it, and what is gone is said to be", async () => {
      const key = await uploaded();
      const file = join(folder, "fetched");
      assert.equal(await opened.store.fetchInto(file, key), true);
      assert.ok(readFileSync(file).equals(body));
      assert.equal(await opened.store.fetchInto(file, newKey()), false);
      const place = `ready/${randomUUID()}/256.webp`;
      for (const words of ["first", "second time"]) {
        writeFileSync(file, words);
        await opened.store.keep(place, file, "image/webp");
        assert.equal(await opened.store.sizeOf(place), words.length);
      }
    });

    it("[XP7] pieces of copies are put, had, found by their copy and removed with it, and no sweep of media finds them", async () => {
      const { pieces } = opened.store;
      const [kept, gone] = [`${randomUUID()}-1`, `${randomUUID()}-12`];
      for (const copy of [kept, gone]) {
        await pieces.put(copy, 0, Buffer.from("half of something"));
        await pieces.put(copy, 0, body);
        await pieces.put(copy, 1, Buffer.from(copy));
      }
      assert.ok(Buffer.from((await pieces.get(kept, 0)) ?? []).equals(body));
      assert.equal(await pieces.get(kept, 2), undefined);
      assert.equal(await pieces.get(`${randomUUID()}-1`, 0), undefined);
      const copies = async () => (await Array.fromAsync(pieces.copies())).flat().sort();
      assert.deepEqual(await copies(), [kept, gone].sort());
      const old = (await Array.fromAsync(opened.store.olderThan(Date.now() + 60 * 60_000, ""))).flat();
      assert.ok(!old.some((key) => key.includes(kept)));
      for (let again = 0; again < 2; again++) await pieces.remove(gone);
      assert.deepEqual(await copies(), [kept]);
      assert.equal(await pieces.get(gone, 1), undefined);
      for (const bad of ["../secret", "a/b", "", "..", "A"]) await assert.rejects(async () => pieces.put(bad, 0, body));
    });

    it("[QA2] files are removed, again too, and old ones are found", async () => {
      const [gone, kept] = [await uploaded(), await uploaded()];
      await opened.store.remove([gone, newKey()]);
      await opened.store.remove([gone]);
      assert.equal(await opened.store.sizeOf(gone), undefined);
      const foundBefore = async (at: number, fromId = "") =>
        (await Array.fromAsync(opened.store.olderThan(at, fromId))).flat();
      const later = Date.now() + 60 * 60_000;
      assert.ok((await foundBefore(later)).includes(kept));
      assert.deepEqual(await foundBefore(Date.UTC(2020, 0, 1)), []);
      const ids = ["019b0000-0000-7000-8000-000000000001", "019c0000-0000-7000-8000-000000000001"];
      const places = ids.map((id) => `ready/${id}/256.webp`);
      for (const place of places) await opened.store.keep(place, import.meta.filename, "image/webp");
      const ready = (await foundBefore(later, "019b8000-0000")).filter((key) => key.startsWith("ready/"));
      assert.deepEqual([places.map((place) => ready.includes(place)), ready.length > 0], [[false, true], true]);
      assert.ok((await foundBefore(later, "ffffffff-ffff")).includes(kept), "what is incoming is always looked at");
    });

    it("[SV1] a link shows one file, whole or in part, and is the same for who asks within the minute", async () => {
      const key = await uploaded();
      const { url, expiresAt } = await linkOf(key);
      assert.equal(expiresAt, "2026-01-01T12:05:00.000Z");
      assert.deepEqual(await linkOf(key, now + 17_000), { url, expiresAt });
      assert.notEqual((await linkOf(key, now + 18_000)).url, url);
      const whole = await fetch(url);
      assert.equal(whole.status, 200);
      assert.ok(Buffer.from(await whole.arrayBuffer()).equals(body));
      const part = await fetch(url, { headers: { range: "bytes=10-19" } });
      assert.equal(part.status, 206);
      assert.equal(part.headers.get("content-range"), `bytes 10-19/${body.length}`);
      assert.ok(Buffer.from(await part.arrayBuffer()).equals(body.subarray(10, 20)));
    });

    if (!isStrict) return;

    it("[SV1] a link says what the file is, what it is called, and for how long it may be kept", async () => {
      const { headers } = await fetch((await linkOf(await uploaded())).url);
      const said = ["content-type", "content-disposition", "cache-control"].map((name) => headers.get(name));
      const expected = ["image/webp", 'inline; filename="picture.webp"', "public, max-age=300, immutable"];
      assert.deepEqual(said, expected);
    });

    it("[UP2] an upload takes exactly the announced bytes: one more or one fewer is 403, and nothing is there", async () => {
      const key = newKey();
      const upload = await addressFor(key);
      assert.equal(await statusOf(put(upload, Buffer.concat([body, Buffer.alloc(1)]))), 403);
      assert.equal(await statusOf(put(upload, body.subarray(1))), 403);
      assert.equal(await opened.store.sizeOf(key), undefined);
      assert.equal(await statusOf(put(upload)), 200);
    });

    it("[UP2] another type than announced is 403", async () => {
      const upload = await addressFor(newKey());
      assert.equal(await statusOf(put(upload, body, { "Content-Type": "image/png" })), 403);
      assert.equal(await statusOf(put(upload, body, { "Content-Type": "text/html" })), 403);
    });

    it("[UP2] other bytes than the announced checksum says are 400, another checksum than announced 403", async () => {
      const key = newKey();
      const upload = await addressFor(key, { ...announced, sha256 });
      const other = Buffer.concat([body.subarray(1), Buffer.alloc(1)]);
      assert.equal(await statusOf(put(upload, other)), 400);
      const ofOther = createHash("sha256").update(other).digest("base64");
      const url = new URL(upload.url);
      if (url.searchParams.has("sha256")) url.searchParams.set("sha256", ofOther);
      assert.equal(await statusOf(put({ ...upload, url: url.href }, other, { "x-amz-checksum-sha256": ofOther })), 403);
      assert.equal(await opened.store.sizeOf(key), undefined);
      assert.equal(await statusOf(put(upload)), 200);
    });

    it("[UP3] an address serves once, for one file, for one method, until it expires, and as it was signed", async () => {
      const [key, other] = [newKey(), newKey()];
      const upload = await addressFor(key);
      const elsewhere = { ...upload, url: upload.url.replace(key, other) };
      assert.equal(await statusOf(put(elsewhere)), 403);
      assert.equal(await statusOf(fetch(upload.url)), 403);
      // At its beginning: the last sign of base64 has bits that say nothing.
      const forged = upload.url.replace(/(?<=ignature=)./, (first) => (first === "0" ? "1" : "0"));
      assert.equal(await statusOf(put({ ...upload, url: forged })), 403);
      assert.equal(await statusOf(put({ ...upload, url: upload.url.replace(/\?.*/, "") })), 403);
      assert.equal(await statusOf(put(upload)), 200);
      assert.equal(await statusOf(put(upload)), 412);
      const late = await addressFor(other);
      opened.setNow(now + 15 * MINUTE_MS + 1000);
      assert.equal(await statusOf(put(late)), 403);
    });

    it("[UP3] of two uploads by one address at once, one is taken", async () => {
      const key = newKey();
      const upload = await addressFor(key);
      const statuses = await Promise.all(Array.from({ length: 6 }, () => statusOf(put(upload))));
      assert.deepEqual(statuses.toSorted(), [200, 412, 412, 412, 412, 412]);
      assert.ok((await contents(key)).equals(body));
    });

    it("[UP3] every header that came with the address is part of what is signed", async () => {
      const upload = await addressFor(newKey(), { ...announced, sha256 });
      for (const name of Object.keys(upload.headers).filter((one) => one !== "Content-Length")) {
        const { [name]: _left, ...headers } = upload.headers;
        assert.equal(await statusOf(put({ ...upload, headers })), 403, name);
      }
      assert.equal(await statusOf(put(upload)), 200);
    });

    it("[UP4] an upload that breaks off leaves nothing, and is made again by the same address", async () => {
      const key = newKey();
      const upload = await addressFor(key);
      await new Promise<void>((resolve) => {
        const sending = request(upload.url, { method: "PUT", headers: upload.headers });
        sending.on("error", () => undefined).on("close", resolve);
        sending.write(body.subarray(0, 100_000), () => sending.destroy());
      });
      assert.equal(await opened.store.sizeOf(key), undefined);
      assert.equal(await statusOf(put(upload)), 200);
      assert.deepEqual(opened.reported, []);
    });

    it("[SV2] files are private: without a link, by another's, or by one whose five minutes are over, 403", async () => {
      const [key, other] = [await uploaded(), await uploaded()];
      const { url } = await linkOf(key);
      assert.equal(await statusOf(fetch(url.replace(/\?.*/, ""))), 403);
      assert.equal(await statusOf(fetch(url.replace(key, other))), 403);
      assert.equal(await statusOf(fetch(url.replace("image%2Fwebp", "text%2Fhtml"))), 403);
      assert.equal(await statusOf(put({ url, headers: {} })), 403);
      opened.setNow(Date.UTC(2026, 0, 1, 12, 4, 59));
      assert.equal(await statusOf(fetch(url)), 200);
      opened.setNow(Date.UTC(2026, 0, 1, 12, 5, 1));
      assert.equal(await statusOf(fetch(url)), 403);
    });
  });
}

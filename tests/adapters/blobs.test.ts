import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { s3Store } from "../../server/adapters/blobs/s3.ts";
import { blobsContract } from "../contracts/blobs.contract.ts";
import { openDisk } from "../support/blob-doors.ts";
import { openServed, openStrict } from "../support/s3-doors.ts";
import { StrictS3 } from "../support/strict-s3.ts";

describe("where files lie", function () {
  this.timeout(20_000);
  blobsContract("on our own disk", openDisk, { isStrict: true });
  blobsContract("in a store that speaks S3", openServed, { isStrict: false });
  blobsContract("in a store as strict as S3 itself", openStrict, { isStrict: true });

  it("[UP7] a store that is away, or in trouble, is UNAVAILABLE to whoever asks; one that refuses us is our mistake", async () => {
    const double = await StrictS3.open();
    const store = await s3Store({ ...double.deps, endpoint: double.endpoint, now: Date.now });
    const { credentials, ...place } = double.deps;
    const wrong = { ...credentials, secretAccessKey: "another secret" };
    const stranger = await s3Store({ ...place, credentials: wrong, endpoint: double.endpoint, now: Date.now });
    await assert.rejects(stranger.sizeOf("incoming/x"), (error) => Object(error).$metadata.httpStatusCode === 403);
    await double.close();
    await assert.rejects(store.sizeOf("incoming/x"), { code: "UNAVAILABLE" });
    await assert.rejects(Array.fromAsync(store.read("incoming/x", 0, 1)), { code: "UNAVAILABLE" });
    await assert.rejects(store.remove(["incoming/x"]), { code: "UNAVAILABLE" });
  });

  it("[XP13] a file that breaks off on its way is UNAVAILABLE, and not half a file", async () => {
    const { store, double, close } = await openStrict();
    const folder = mkdtempSync(join(tmpdir(), "twinship-broken-"));
    try {
      const key = `ready/${randomUUID()}/256.webp`;
      await store.keep(key, import.meta.filename, "image/webp");
      await store.pieces.put("copy", 0, Buffer.alloc(300_000));
      for (const fetched of [() => store.fetchInto(join(folder, "file"), key), () => store.pieces.get("copy", 0)]) {
        double.breakingOff = 1;
        await assert.rejects(fetched(), { code: "UNAVAILABLE" });
        assert.ok(await fetched());
      }
    } finally {
      await close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("[XP13] a disk that is not there is UNAVAILABLE: nothing is missing, and nothing is put beside it", async () => {
    const { store, folder, close } = await openDisk();
    try {
      const key = `ready/${randomUUID()}/256.webp`;
      assert.equal(await store.fetchInto("/dev/null", key), false);
      renameSync(folder, `${folder}-away`);
      await assert.rejects(store.fetchInto("/dev/null", key), { code: "UNAVAILABLE" });
      await assert.rejects(store.pieces.get("copy", 0), { code: "UNAVAILABLE" });
      await assert.rejects(store.pieces.put("copy", 0, Buffer.alloc(1)), { code: "UNAVAILABLE" });
      assert.ok(!existsSync(folder));
    } finally {
      await close();
      rmSync(`${folder}-away`, { recursive: true, force: true });
    }
  });

  it("[UP3] no key leads out of the folder of our own store", async () => {
    const { store, close } = await openDisk();
    try {
      for (const key of ["../secret", "incoming/../../secret", `ready/${randomUUID()}/../../x.webp`, "parts/x", ""]) {
        await assert.rejects(async () => void (await store.sizeOf(key)), { code: "NOT_FOUND" });
      }
    } finally {
      await close();
    }
  });

  it("[UP4] what breaks off on our own disk is not left lying about, and the last file takes its folder along", async () => {
    const { store, folder, close } = await openDisk();
    try {
      const announced = { bytes: 10, contentType: "image/png", sha256: null };
      const { url } = await store.uploadTo(`incoming/${randomUUID()}`, announced, Date.now() + 60_000);
      const answer = await fetch(url, { method: "PUT", headers: { "Content-Type": "image/png" }, body: "too short" });
      assert.equal(answer.status, 403);
      const parts = join(folder, "parts");
      assert.deepEqual(existsSync(parts) ? readdirSync(parts) : [], []);
      const id = randomUUID();
      await store.keep(`ready/${id}/256.webp`, import.meta.filename, "image/webp");
      assert.deepEqual(readdirSync(join(folder, "ready")), [id]);
      await store.remove([`ready/${id}/256.webp`]);
      assert.deepEqual(readdirSync(join(folder, "ready")), []);
    } finally {
      await close();
    }
  });
});

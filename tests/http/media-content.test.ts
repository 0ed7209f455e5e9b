import assert from "node:assert/strict";
import { Refusal } from "../../domain/refusal.ts";
import { HttpWorld } from "../support/http.ts";

const ID = "5c5b5e0e-8f5c-4f0e-9d6e-0a6a3f1b2c3d";

describe("the content of media over HTTP", () => {
  const media = new HttpWorld().deps.media;
  const file = { bytes: 6, contentType: "audio/mpeg", fileName: "voice.mp3", etag: '"voice"' };
  const openedWith = (read: () => AsyncIterable<Uint8Array>) =>
    HttpWorld.open({ media: { ...media, open: async () => ({ ...file, read }) } });
  const path = `/api/v1/media/${ID}/content`;

  it("[UP7] [SV4] a file that cannot be read is refused, and the refusal bears none of its headers", async () => {
    const world = await openedWith(async function* () {
      yield* [];
      throw new Refusal("UNAVAILABLE", "Where it is kept does not answer");
    });
    const { status, headers, body } = await world.call("GET", path, { as: "ada" });
    assert.deepEqual([status, body.error.code, headers.get("retry-after")], [503, "UNAVAILABLE", "1"]);
    for (const name of ["content-disposition", "etag", "accept-ranges", "content-range"])
      assert.equal(headers.get(name), null, name);
    assert.equal(headers.get("content-type"), "application/json; charset=utf-8");
    assert.doesNotMatch(headers.get("cache-control") ?? "", /immutable/);
    await world.close();
  });

  it("[SV4] one that breaks off in the middle is cut off, and is seen not to be whole", async () => {
    const world = await openedWith(async function* () {
      yield Buffer.from("abc");
      throw new Error("the disk is gone");
    });
    await assert.rejects(world.call("GET", path, { as: "ada" }));
    assert.equal(world.reported.length, 1);
    await world.close();
  });

  it("[SV4] HEAD tells what there is, and a part of several is answered with all of it", async () => {
    const world = await openedWith(async function* () {
      yield Buffer.from("abcdef");
    });
    const head = await world.call("HEAD", path, { as: "ada" });
    assert.deepEqual([head.status, head.headers.get("content-length"), head.text], [200, "6", ""]);
    const whole = await world.call("GET", path, { as: "ada", headers: { range: "bytes=0-1,4-5" } });
    assert.deepEqual([whole.status, whole.text], [200, "abcdef"]);
    assert.equal(await world.refusal("POST", path, { as: "ada" }), "405 METHOD_NOT_ALLOWED");
    assert.equal(await world.refusal("GET", path), "401 AUTH_REQUIRED");
    await world.close();
  });
});

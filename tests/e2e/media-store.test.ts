import assert from "node:assert/strict";
import type { PairedUp } from "../support/entrance.ts";
import { MediaPhone } from "../support/media-phone.ts";
import { picture } from "../support/pictures.ts";
import { recording } from "../support/recordings.ts";
import { TestServer } from "../support/server.ts";
import { StrictS3 } from "../support/strict-s3.ts";

describe("pictures and recordings in a store that speaks S3", function () {
  this.timeout(60_000);
  let store: StrictS3;
  let server: TestServer;
  let pair: PairedUp;
  let ada: MediaPhone;
  let bea: MediaPhone;

  before(async () => {
    store = await StrictS3.open();
    const { bucket, region, credentials } = store.deps;
    server = await TestServer.create({
      S3_BUCKET_NAME: bucket,
      S3_ENDPOINT: store.endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
    await server.start();
    pair = await server.pairUp();
    [ada, bea] = [new MediaPhone(server, pair.ada), new MediaPhone(server, pair.bea)];
  });
  after(async () => {
    await server.remove();
    await store.close();
  });

  it("[UP1] [SV1] go straight there and come straight from there, and through the server for who wants that", async () => {
    const file = await picture(400, 300).jpeg().toBuffer();
    const announced = await ada.announce("chat", "image/jpeg", file);
    assert.ok(announced.upload.url.startsWith(`${store.endpoint}/bucket/incoming/`));
    const { "Content-Length": _given, ...headers } = announced.upload.headers;
    const put = (body: Uint8Array<ArrayBuffer>) => fetch(announced.upload.url, { method: "PUT", headers, body });
    assert.equal((await put(Buffer.concat([file, Buffer.from("x")]))).status, 403);
    assert.equal((await put(file)).status, 200);
    assert.equal((await put(file)).status, 412);
    const { body } = await ada.call("POST", `/media/${announced.media.id}/complete`);
    assert.equal(body.media.status, "ready", JSON.stringify(body));
    const { id } = announced.media;
    const keys = [...store.objects.keys()].filter((key) => key.includes(id)).sort();
    assert.deepEqual(keys, [`ready/${id}/1024.webp`, `ready/${id}/256.webp`]);
    await ada.call("POST", "/messages", { type: "image", mediaId: id });
    const { media } = (await bea.call("GET", `/media/${id}`)).body;
    assert.ok(media.url.startsWith(`${store.endpoint}/bucket/ready/${id}/1024.webp?`));
    const shown = await fetch(media.url);
    assert.deepEqual([shown.status, shown.headers.get("content-type")], [200, "image/webp"]);
    assert.equal((await fetch(media.url.replace("1024.webp", "256.webp"))).status, 403);
    const part = await bea.content(id, { range: "bytes=0-3" });
    assert.deepEqual([part.status, await part.text()], [206, "RIFF"]);
  });

  it("[MX8] recordings, too, with the type they are by", async () => {
    const voice = await ada.upload("voice", "audio/webm;codecs=opus", recording("voice.webm"));
    const file = await fetch(voice.url, { headers: { range: "bytes=0-3" } });
    assert.deepEqual([file.status, file.headers.get("content-type")], [206, "audio/webm"]);
    assert.equal(store.objects.get(`ready/${voice.id}/voice.webm`)?.type, "audio/webm");
  });

  it("[ST6] a story reaches the twin's devices at once, and its photos come from the store", async () => {
    const room = await server.join(pair.bea);
    const heard = new Promise((resolve) => room.onMessage("story.changed", resolve));
    room.onMessage("*", () => undefined);
    const photo = await ada.upload("story", "image/png", await picture(30, 20).png().toBuffer());
    const { status, headers, body } = await ada.call("POST", "/stories", { title: "A day", photos: [photo.id] });
    assert.deepEqual([status, headers.get("etag")], [201, '"st-1"']);
    assert.deepEqual(await heard, { storyId: body.story.id, change: "created" });
    const { stories } = (await bea.call("GET", "/stories?limit=1")).body;
    assert.equal((await fetch(stories[0].photos[0].url)).status, 200);
    assert.equal(await bea.saying("PATCH", `/stories/${body.story.id}`, { title: "Mine" }), "404 NOT_FOUND");
    const stale = await ada.call("DELETE", `/stories/${body.story.id}`, undefined, { "if-match": '"st-7"' });
    assert.equal(stale.status, 412);
    assert.equal(await ada.saying("DELETE", `/stories/${body.story.id}`), "200");
    assert.equal(await bea.saying("GET", `/stories/${body.story.id}`), "404 NOT_FOUND");
    await room.leave();
  });
});

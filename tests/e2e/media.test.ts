import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { memoryStorage, Twinship } from "../../client/index.ts";
import { eventually } from "../support/embedded.ts";
import type { PairedUp } from "../support/entrance.ts";
import { MediaPhone } from "../support/media-phone.ts";
import { heic, picture, sideways } from "../support/pictures.ts";
import { note, recording, silence, wav } from "../support/recordings.ts";
import { TestServer } from "../support/server.ts";

const NOWHERE = "00000000-0000-4000-8000-000000000000";

describe("pictures and recordings on the real server", function () {
  this.timeout(60_000);
  let server: TestServer;
  let pair: PairedUp;
  let ada: MediaPhone;
  let bea: MediaPhone;
  let eve: MediaPhone;

  before(async () => {
    server = await TestServer.create();
    await server.start();
    pair = await server.pairUp();
    [ada, bea] = [new MediaPhone(server, pair.ada), new MediaPhone(server, pair.bea)];
    eve = new MediaPhone(server, (await server.pairUp()).ada);
  });
  after(() => server.remove());

  const jpeg = () => picture(640, 480).jpeg().toBuffer();
  const send = (who: MediaPhone, form: object) => who.call("POST", "/messages", form);

  it("[UP1] [SV3] a picture is announced, sent, completed and shown to both by links; the original is gone", async () => {
    const file = await jpeg();
    const announced = await ada.announce("chat", "image/jpeg", file);
    const { media, upload } = announced;
    assert.deepEqual([media.status, media.bytes, media.variants, media.url], ["pending", file.length, [], null]);
    assert.deepEqual([upload.method, upload.headers["Content-Type"]], ["PUT", "image/jpeg"]);
    assert.equal(await ada.saying("POST", `/media/${media.id}/complete`), "409 CONFLICT");
    await ada.send(announced, file);
    const { status, body } = await ada.call("POST", `/media/${media.id}/complete`);
    assert.deepEqual([status, body.media.status], [200, "ready"]);
    assert.deepEqual([body.media.width, body.media.height, body.media.durationMs], [640, 480, null]);
    const again = await ada.call("POST", `/media/${media.id}/complete`);
    assert.deepEqual([again.status, again.body.media.status], [200, "ready"]);
    const names = body.media.variants.map((one: { name: string }) => one.name);
    assert.deepEqual(names, ["256", "1024"]);
    assert.deepEqual(readdirSync(join(server.dataDir, "media/incoming")), []);
    assert.equal(await bea.saying("GET", `/media/${media.id}`), "404 NOT_FOUND");
    assert.equal((await send(ada, { type: "image", mediaId: media.id })).status, 201);
    const seen = await bea.call("GET", `/media/${media.id}`);
    const shown = await fetch(seen.body.media.url);
    assert.deepEqual([shown.status, shown.headers.get("content-type")], [200, "image/webp"]);
    assert.equal(shown.headers.get("x-content-type-options"), "nosniff");
    const { width, height } = await sharp(Buffer.from(await shown.arrayBuffer())).metadata();
    assert.deepEqual([width, height], [640, 480]);
  });

  it("[UP5] an announcement names what is wrong with it: the type, the size, the checksum", async () => {
    const fit = { purpose: "chat", contentType: "image/jpeg", bytes: 10 };
    for (const [form, path] of [
      [{ contentType: "image/heic" }, "contentType"],
      [{ contentType: "image/svg+xml" }, "contentType"],
      [{ contentType: "audio/mp4" }, "contentType"],
      [{ purpose: "voice" }, "contentType"],
      [{ bytes: 0 }, "bytes"],
      [{ bytes: 10 * 1024 * 1024 + 1 }, "bytes"],
      [{ sha256: "abc" }, "sha256"],
      [{ purpose: "else" }, "purpose"],
    ] as const) {
      const { status, body } = await ada.call("POST", "/media", { ...fit, ...form });
      assert.deepEqual([status, body.error.code], [400, "VALIDATION_ERROR"], JSON.stringify(form));
      assert.ok(
        body.error.details.some((detail: { path: string }) => detail.path === path),
        JSON.stringify(body),
      );
    }
    assert.equal(await ada.saying("POST", "/media", { ...fit, contentType: "image/JPEG" }), "201");
    const solo = new MediaPhone(server, await server.signUp("Solo"));
    assert.equal(await solo.saying("POST", "/media", fit), "409 NOT_PAIRED");
    assert.equal(await solo.saying("POST", "/media", { ...fit, purpose: "avatar" }), "201");
  });

  it("[MX6] [MX10] a refused file answers with 415 or 422 and the reason, again and by its id, and is never sent", async () => {
    const { status, body } = await ada.offer("chat", "image/jpeg", heic());
    assert.deepEqual([status, body.error.code], [415, "UNSUPPORTED_MEDIA_TYPE"]);
    const damaged = (await jpeg()).subarray(0, 2000);
    const announced = await ada.announce("chat", "image/jpeg", damaged);
    await ada.send(announced, damaged);
    const { id } = announced.media;
    const refused = await ada.call("POST", `/media/${id}/complete`);
    assert.deepEqual([refused.status, refused.body.error.code], [422, "MEDIA_REFUSED"]);
    assert.match(refused.body.error.message, /damaged/);
    assert.equal(await ada.saying("POST", `/media/${id}/complete`), "422 MEDIA_REFUSED");
    assert.equal(await ada.saying("GET", `/media/${id}`), "422 MEDIA_REFUSED");
    assert.equal(await ada.saying("POST", "/messages", { type: "image", mediaId: id }), "409 CONFLICT");
    assert.equal((await ada.offer("voice", "audio/wav", wav({ seconds: 0, sample: silence }))).status, 422);
  });

  it("[SV7] a sideways picture is upright in the answer, in the message, in the live event and in what is served", async () => {
    const room = await server.join(pair.bea);
    const heard = new Promise<{ message: Record<string, unknown> }>((resolve) =>
      room.onMessage("chat.message", resolve),
    );
    room.onMessage("*", () => undefined);
    const media = await ada.upload("chat", "image/jpeg", await sideways(24, 16, 6));
    assert.deepEqual([media.width, media.height], [16, 24]);
    const { body } = await send(ada, { type: "image", mediaId: media.id, text: "look" });
    const { id, contentType, bytes, width, height, durationMs, waveform, placeholder } = media;
    const facts = { id, contentType, bytes, width, height, durationMs, waveform, placeholder };
    assert.deepEqual(body.message.media, facts);
    assert.deepEqual((await heard).message["media"], facts);
    const page = await bea.call("GET", "/messages?limit=1");
    assert.deepEqual(page.body.messages[0].media, facts);
    const content = await bea.content(id);
    const made = await sharp(Buffer.from(await content.arrayBuffer())).metadata();
    assert.deepEqual([made.width, made.height], [16, 24]);
    await room.leave();
  });

  it("[SV7] a voice message is sent in the room by who recorded it, once, and neither as a picture nor by anybody else", async () => {
    const voice = await ada.upload("voice", "audio/ogg; codecs=opus", recording("voice.ogg"));
    assert.equal(voice.waveform.length, 64);
    const room = await server.join(pair.ada);
    room.onMessage("*", () => undefined);
    const asking = { key: "a voice", type: "voice", mediaId: voice.id };
    const first = await room.request("chat.send", asking);
    assert.deepEqual(await room.request("chat.send", asking), { ...first, duplicate: true });
    const refused = (form: object): Promise<string> =>
      room.request("chat.send", { key: crypto.randomUUID(), ...form }).then(
        () => "sent",
        (error) => String(Object(error).reason?.code),
      );
    assert.equal(await refused({ type: "image", mediaId: voice.id }), "VALIDATION_ERROR");
    assert.equal(await refused({ type: "voice", mediaId: NOWHERE }), "NOT_FOUND");
    assert.equal(await bea.saying("POST", "/messages", { type: "voice", mediaId: voice.id }), "404 NOT_FOUND");
    assert.equal(await eve.saying("POST", "/messages", { type: "voice", mediaId: voice.id }), "404 NOT_FOUND");
    const { media } = await ada.announce("chat", "image/png", Buffer.alloc(9));
    assert.equal(await refused({ type: "image", mediaId: media.id }), "CONFLICT");
    await room.leave();
  });

  it("[UP8] the client sends a picture, and a message with it, from a blob", async () => {
    const reported: unknown[] = [];
    const phone = await Twinship.open({
      url: server.url,
      storage: memoryStorage(),
      report: (error) => reported.push(error),
    });
    await phone.login(pair.ada.email, "Correct-horse-1");
    const file = new Blob([await jpeg()]);
    const { id, width, status } = await phone.api.upload({ purpose: "chat", contentType: "image/jpeg", file });
    assert.deepEqual([width, status], [640, "ready"]);
    phone.connect();
    await eventually(() => phone.room?.pairId !== undefined);
    const sent = await phone.room?.send({ type: "image", mediaId: id });
    assert.ok(sent);
    await sent.answer;
    assert.equal(await bea.saying("GET", `/media/${id}`), "200");
    await phone.close();
    assert.deepEqual(reported, []);
  });

  it("[SV4] content streams with Range, and says what it is, for who may see it and nobody else", async () => {
    const file = wav({ seconds: 3, sample: note });
    const { id } = await ada.upload("voice", "audio/wav", file);
    await send(ada, { type: "voice", mediaId: id });
    const whole = await bea.content(id);
    assert.deepEqual([whole.status, whole.headers.get("accept-ranges")], [200, "bytes"]);
    assert.equal(whole.headers.get("content-type"), "audio/wav");
    assert.equal(whole.headers.get("content-disposition"), `inline; filename="twinship-${id}.wav"`);
    assert.equal(whole.headers.get("cache-control"), "private, max-age=300, immutable");
    assert.ok(Buffer.from(await whole.arrayBuffer()).equals(file));
    const part = await bea.content(id, { range: "bytes=44-143" });
    assert.deepEqual([part.status, part.headers.get("content-range")], [206, `bytes 44-143/${file.length}`]);
    assert.ok(Buffer.from(await part.arrayBuffer()).equals(file.subarray(44, 144)));
    const beyond = await bea.content(id, { range: `bytes=${file.length}-` });
    assert.deepEqual([beyond.status, Object(await beyond.json()).error.code], [416, "RANGE_NOT_SATISFIABLE"]);
    const said = ["content-type", "cache-control", "content-disposition"].map((name) => beyond.headers.get(name));
    assert.deepEqual(said, ["application/json; charset=utf-8", "no-store", null]);
    const etag = whole.headers.get("etag") ?? "";
    assert.equal((await bea.content(id, { "if-none-match": etag })).status, 304);
    assert.equal((await eve.content(id)).status, 404);
    assert.equal((await bea.content(NOWHERE)).status, 404);
    assert.equal((await bea.content("nonsense")).status, 400);
    assert.equal((await fetch(`${server.url}/api/v1/media/${id}/content`)).status, 401);
    assert.equal((await bea.content(id, {}, "?variant=256")).status, 404);
    const picturesId = (await ada.upload("chat", "image/jpeg", await jpeg())).id;
    const small = await ada.content(picturesId, {}, "?variant=256");
    assert.equal((await sharp(Buffer.from(await small.arrayBuffer())).metadata()).width, 256);
  });

  it("[SV5] what a message bore goes with it: at once for both, and from the disk in the next round", async () => {
    const { id } = await ada.upload("chat", "image/jpeg", await jpeg());
    const { body } = await send(ada, { type: "image", mediaId: id });
    const link = (await bea.call("GET", `/media/${id}`)).body.media.url;
    assert.equal((await fetch(link)).status, 200);
    assert.equal(await ada.saying("DELETE", `/messages/${body.message.id}`), "200");
    assert.equal(await bea.saying("GET", `/media/${id}`), "404 NOT_FOUND");
    assert.equal(await ada.saying("GET", `/media/${id}`), "404 NOT_FOUND");
    assert.equal((await bea.content(id)).status, 404);
  });

  it("[SV5] one picture in two messages stays until the last of them is taken back, and is hidden from who hid both", async () => {
    const { id } = await ada.upload("chat", "image/jpeg", await jpeg());
    const [one, two] = [
      await send(ada, { type: "image", mediaId: id }),
      await send(ada, { type: "image", mediaId: id }),
    ];
    assert.equal(await ada.saying("DELETE", `/messages/${one.body.message.id}`), "200");
    assert.equal(await bea.saying("GET", `/media/${id}`), "200");
    assert.equal(await bea.saying("DELETE", `/messages/${two.body.message.id}?for=me`), "200");
    assert.equal(await bea.saying("GET", `/media/${id}`), "404 NOT_FOUND");
    assert.equal(await ada.saying("GET", `/media/${id}`), "200");
    assert.equal(await ada.saying("DELETE", `/messages/${two.body.message.id}`), "200");
    assert.equal(await ada.saying("GET", `/media/${id}`), "404 NOT_FOUND");
  });

  it("[ST9] an avatar is one's own picture, square, in the profile and in the room, for the twin; the one before goes", async () => {
    const [first, second] = [
      await ada.upload("avatar", "image/jpeg", await jpeg()),
      await ada.upload("avatar", "image/png", await picture(300, 400).png().toBuffer()),
    ];
    assert.deepEqual([first.width, first.height], [480, 480]);
    const room = await server.join(pair.bea);
    room.onMessage("*", () => undefined);
    const inRoom = () => room.state.members?.get(pair.ada.userId)?.avatar;
    const change = (who: MediaPhone, profilePicture: string | null) =>
      who.saying("PATCH", "/users/profile", { profilePicture });
    assert.equal(await bea.saying("GET", `/media/${first.id}`), "404 NOT_FOUND");
    assert.equal(await change(ada, first.id), "200");
    await eventually(() => inRoom() === first.id);
    assert.equal(await bea.saying("GET", `/media/${first.id}`), "200");
    assert.equal(await eve.saying("GET", `/media/${first.id}`), "404 NOT_FOUND");
    assert.equal(await change(bea, first.id), "400 VALIDATION_ERROR");
    const { id: photo } = await ada.upload("chat", "image/jpeg", await jpeg());
    assert.equal(await change(ada, photo), "400 VALIDATION_ERROR");
    assert.equal(await change(ada, second.id), "200");
    await eventually(() => inRoom() === second.id);
    assert.equal(await ada.saying("GET", `/media/${first.id}`), "404 NOT_FOUND");
    assert.equal(await change(ada, null), "200");
    assert.equal(await ada.saying("GET", `/media/${second.id}`), "404 NOT_FOUND");
    await room.leave();
  });

  it("[SV6] after unpairing the media of messages stay readable to both; avatars do not", async () => {
    const { ada: one, bea: other } = await server.pairUp();
    const [mia, zoe] = [new MediaPhone(server, one), new MediaPhone(server, other)];
    const { id } = await mia.upload("chat", "image/jpeg", await jpeg());
    await send(mia, { type: "image", mediaId: id });
    const { id: avatar } = await mia.upload("avatar", "image/jpeg", await jpeg());
    assert.equal(await mia.saying("PATCH", "/users/profile", { profilePicture: avatar }), "200");
    assert.equal(await zoe.saying("GET", `/media/${avatar}`), "200");
    assert.equal(await zoe.saying("DELETE", "/twins"), "200");
    assert.deepEqual(
      [await mia.saying("GET", `/media/${id}`), await zoe.saying("GET", `/media/${id}`)],
      ["200", "200"],
    );
    assert.equal(await zoe.saying("GET", `/media/${avatar}`), "404 NOT_FOUND");
    assert.equal(await mia.saying("GET", `/media/${avatar}`), "200");
  });

  it("[UP6] a server that dies between upload and completion, or in a check, comes back and goes on", async () => {
    const file = await picture(3000, 2000).jpeg().toBuffer();
    const [sent, checking] = [
      await ada.announce("chat", "image/jpeg", file),
      await ada.announce("chat", "image/jpeg", file),
    ];
    await ada.send(sent, file);
    await ada.send(checking, file);
    const asked = ada.call("POST", `/media/${checking.media.id}/complete`).catch(() => undefined);
    const incoming = join(server.dataDir, "media/incoming", checking.media.id);
    await eventually(async () => (await statusOf(checking.media.id)) !== "pending" || !existsSync(incoming));
    await server.end("SIGKILL");
    await asked;
    await server.start();
    const late = await ada.call("POST", `/media/${sent.media.id}/complete`);
    assert.deepEqual([late.status, late.body.media.status], [200, "ready"], JSON.stringify(late.body));
    await eventually(async () => (await statusOf(checking.media.id)) === "ready", 40_000);
  });

  const statusOf = async (id: string): Promise<string> => (await ada.call("GET", `/media/${id}`)).body.media?.status;
});

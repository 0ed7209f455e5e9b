import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { PairedUp } from "../support/entrance.ts";
import { MediaPhone } from "../support/media-phone.ts";
import { picture } from "../support/pictures.ts";
import { note, wav } from "../support/recordings.ts";
import { TestServer } from "../support/server.ts";
import { StrictS3 } from "../support/strict-s3.ts";
import { unzipped } from "../support/zip.ts";

const LOOK_AGAIN_MS = 50;

type Loose = ReturnType<typeof JSON.parse>;

describe("copies with pictures and recordings, on a real server", function () {
  this.timeout(90_000);
  let server: TestServer;
  let pair: PairedUp;
  let ada: MediaPhone;
  let bea: MediaPhone;

  async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    server = await TestServer.create(env);
    await server.start();
    pair = await server.pairUp();
    [ada, bea] = [new MediaPhone(server, pair.ada), new MediaPhone(server, pair.bea)];
  }
  afterEach(() => server.remove());

  async function ready(id: string): Promise<Loose> {
    for (;;) {
      const { body } = await ada.call("GET", `/users/export/${id}`).catch(() => ({ body: {} }));
      if (body.export?.status === "ready") return body.export;
      await wait(LOOK_AGAIN_MS);
    }
  }

  const asked = async (): Promise<string> => (await ada.call("POST", "/users/export")).body.export.id;
  const contentOf = async ({ id }: { id: string }) => Buffer.from(await (await ada.content(id)).arrayBuffer());
  const sent = async (who: MediaPhone, type: string, { id }: { id: string }) =>
    assert.equal((await who.call("POST", "/messages", { type, mediaId: id })).status, 201);

  it("[XP11] [XP10] has what the app shows, byte for byte, by one link and in two parts", async () => {
    await start();
    const photo = await ada.upload("chat", "image/jpeg", await picture(640, 480).jpeg().toBuffer());
    const voice = await bea.upload("voice", "audio/wav", wav({ seconds: 40, rate: 44_100, sample: note }));
    const avatar = await ada.upload("avatar", "image/png", await picture(300, 300).png().toBuffer());
    await sent(ada, "image", photo);
    await sent(bea, "voice", voice);
    const { bytes, downloadUrl } = await ready(await asked());
    const half = Math.floor(bytes / 2);
    const first = await fetch(downloadUrl, { headers: { range: `bytes=0-${half - 1}` } });
    const etag = String(first.headers.get("etag"));
    const rest = await fetch(downloadUrl, { headers: { range: `bytes=${half}-`, "if-range": etag } });
    assert.deepEqual([first.status, rest.status], [206, 206]);
    const parts = await Promise.all([first.arrayBuffer(), rest.arrayBuffer()]);
    const files = unzipped(Buffer.concat(parts.map((part) => Buffer.from(part))));
    for (const [media, type] of [
      [photo, "webp"],
      [voice, "wav"],
      [avatar, "webp"],
    ])
      assert.deepEqual(files.get(`media/${media.id}.${type}`), await contentOf(media));
    assert.equal((await fetch(downloadUrl)).status, 410);
    assert.equal(readdirSync(join(server.dataDir, "media/copies")).length, 1);
  });

  it("[XP8] [XP14] killed while it makes one, on a store that speaks S3, it makes it whole when it is back", async () => {
    const store = await StrictS3.open();
    try {
      const { bucket, region, credentials } = store.deps;
      await start({
        S3_BUCKET_NAME: bucket,
        S3_ENDPOINT: store.endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      });
      const voice = await ada.upload("voice", "audio/wav", wav({ seconds: 40, rate: 44_100, sample: note }));
      const copies: string[] = [];
      const [began, killed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      store.onPut = async (key) => {
        if (key.startsWith("copies/")) copies.push(key.split("/")[1] ?? "");
        if (copies.length !== 2) return;
        began.resolve();
        await killed.promise;
      };
      const id = await asked();
      await began.promise;
      await server.end("SIGKILL");
      killed.resolve();
      await server.start();
      const { downloadUrl } = await ready(id);
      const files = unzipped(Buffer.from(await (await fetch(downloadUrl)).arrayBuffer()));
      assert.deepEqual(files.get(`media/${voice.id}.wav`), await contentOf(voice));
      assert.deepEqual(new Set(copies), new Set([`${id}-1`, `${id}-2`]));
    } finally {
      await store.close();
    }
  });
});

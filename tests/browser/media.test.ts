import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { gravest } from "../support/axe.ts";
import { keepPicture, OpenPhones, type PhoneScreen, type TestBrowser } from "../support/browser.ts";
import { lookedAfter } from "../support/looked-after.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

const RATE = 8000;

/** Two seconds of a tone, as a recorder without a codec writes it. */
function recording(): Buffer {
  const samples = Buffer.alloc(2 * 2 * RATE);
  for (let at = 0; at < 2 * RATE; at++) samples.writeInt16LE(Math.round(12_000 * Math.sin(at / 9)), 2 * at);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(2 * RATE, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

const picture = () =>
  sharp({ create: { width: 640, height: 400, channels: 3, background: { r: 120, g: 90, b: 220 } } })
    .jpeg()
    .toBuffer();

describe("pictures and recordings in a browser", function () {
  this.timeout(PATIENCE_MS);
  let phones: OpenPhones;
  let browser: TestBrowser;
  let page: Page;
  let ada: PhoneScreen;
  let bea: PhoneScreen;

  before(async () => {
    // Links to files bear the server's own name, localhost, and this is another one.
    phones = await OpenPhones.open();
    ({ browser, page, ada, bea } = phones);
    await ada.shows("At nine. I bring the good bread.");
  });
  afterEach(lookedAfter(() => phones));
  after(() => phones?.close());

  const choose = (name: string, mimeType: string, buffer: Buffer) =>
    ada.root.locator("input[type=file]").setInputFiles({ name, mimeType, buffer });

  it("[WB17] a picture is sent from one phone, and drawn on both", async () => {
    await choose("lake.jpg", "image/jpeg", await picture());
    for (const phone of [ada, bea]) {
      const drawn = phone.root.getByTestId("picture").locator("img");
      await drawn.waitFor();
      await drawn.scrollIntoViewIfNeeded();
      await page.waitForFunction(
        (image) => image instanceof HTMLImageElement && image.naturalWidth > 0,
        await drawn.elementHandle(),
      );
    }
    await keepPicture(page, "picture");
  });

  it("[WB17] a recording has its wave and can be played, on both", async () => {
    await choose("hello.wav", "audio/wav", recording());
    for (const phone of [ada, bea]) {
      const voice = phone.root.getByTestId("voice");
      await voice.waitFor();
      const player = await voice.locator("audio").elementHandle();
      await page.waitForFunction((audio) => audio instanceof HTMLAudioElement && audio.src !== "", player);
    }
    await bea.root.getByTestId("voice").locator(".wave path[d^=M]").first().waitFor({ state: "attached" });
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "recording");
  });

  it("[WB17] what is not what it says it is is not sent, and the person is told why", async () => {
    const disguised = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
    await choose("photo.png", "image/png", disguised);
    await ada.root.getByText(/^This was announced as image\/png/).waitFor();
    assert.equal(await bea.root.getByTestId("picture").count(), 1);
    assert.deepEqual(
      browser.complaints.filter((complaint) => !/41[25]|422/.test(complaint)),
      [],
    );
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import type { MediaPurpose } from "../../schema/wire/media.ts";
import { Inspectors } from "../../server/adapters/media/inspectors.ts";
import type { Outcome } from "../../server/adapters/media/tasks.ts";
import { animated, bomb, heic, located, picture, sideways } from "../support/pictures.ts";
import { stopwatch } from "../support/stopwatch.ts";

const MEGABYTE = 1024 * 1024;

describe("pictures", function () {
  this.timeout(20_000);
  const inspectors = new Inspectors();
  const folder = mkdtempSync(join(tmpdir(), "twinship-pictures-"));
  after(() => {
    inspectors.stop();
    rmSync(folder, { recursive: true });
  });

  /** By its bytes: libvips remembers files by their names. */
  const made = (name: string) => sharp(readFileSync(join(folder, name)));

  /** Red, green and blue of every pixel, whatever it is stored as. */
  async function coloursOf(image: Sharp): Promise<number[]> {
    const form = { resolveWithObject: true } as const;
    const { data, info } = await image.removeAlpha().toColourspace("srgb").raw({ depth: "uchar" }).toBuffer(form);
    const pixels = Array.from({ length: info.width * info.height }, (_, n) => n * info.channels);
    return pixels.flatMap((at) => [0, 1, 2].map((c) => data[at + Math.min(c, info.channels - 1)] ?? 0));
  }

  function look(file: Buffer, contentType = "image/jpeg", purpose: MediaPurpose = "chat"): Promise<Outcome> {
    writeFileSync(join(folder, "original"), file);
    return inspectors.inspect({ folder, purpose, contentType });
  }

  async function fit(file: Buffer, contentType?: string, purpose?: MediaPurpose) {
    const outcome = await look(file, contentType, purpose);
    assert.ok(outcome.isFit, JSON.stringify(outcome));
    const { facts, variants } = outcome;
    const shown = await Promise.all(
      variants.map(async ({ name }) => {
        const { format, width, height } = await made(name).metadata();
        return `${name}: ${format} ${width}x${height}`;
      }),
    );
    return { size: `${facts.width}x${facts.height}`, shown, facts, variants };
  }

  async function refusal(file: Buffer, contentType?: string): Promise<string> {
    const outcome = await look(file, contentType);
    assert.ok(!outcome.isFit, "it is taken");
    return `${outcome.code}: ${outcome.reason}`;
  }

  it("[MX1] are made in 256, 1024 and 2048, never larger than they were, and their facts are the original's size", async () => {
    const { size, shown, facts, variants } = await fit(await picture(3000, 1500).jpeg().toBuffer());
    assert.equal(size, "3000x1500");
    assert.deepEqual(shown, ["256: webp 256x128", "1024: webp 1024x512", "2048: webp 2048x1024"]);
    assert.deepEqual([facts.contentType, facts.bytes], ["image/webp", variants.at(-1)?.bytes]);
    assert.equal(variants.at(-1)?.bytes, readFileSync(join(folder, "2048")).length);
    assert.match(facts.placeholder ?? "", /^[\w#$%*+,./:;=?@[\]^{|}~-]{20,40}$/);
    assert.deepEqual((await fit(await picture(300, 200).png().toBuffer(), "image/png")).shown, [
      "256: webp 256x171",
      "1024: webp 300x200",
    ]);
    assert.deepEqual((await fit(await picture(1, 1).png().toBuffer(), "image/png")).shown, ["256: webp 1x1"]);
    assert.equal((await fit(await picture(4000, 1).png().toBuffer(), "image/png")).size, "4000x1");
  });

  for (const orientation of [5, 6, 8])
    it(`[MX2] are turned upright: 24x16 held as ${orientation} says is 16x24, and says so no more`, async () => {
      const file = await sideways(24, 16, orientation);
      const { size, shown } = await fit(file);
      assert.deepEqual([size, shown], ["16x24", ["256: webp 16x24"]]);
      assert.equal((await made("256").metadata()).orientation, undefined);
      assert.deepEqual((await fit(file, "image/jpeg", "avatar")).size, "16x16");
    });

  it("[MX2] upside down is turned, too: what was red is where it was seen", async () => {
    const red = { create: { width: 60, height: 30, channels: 3 as const, background: "red" } };
    const half = await sharp({ create: { width: 60, height: 60, channels: 3, background: "blue" } })
      .composite([{ input: await sharp(red).png().toBuffer(), left: 0, top: 0 }])
      .withMetadata({ orientation: 3 })
      .jpeg()
      .toBuffer();
    await fit(half);
    const { data, info } = await made("256").raw().toBuffer({ resolveWithObject: true });
    const [r = 0, , b = 0] = data.subarray((info.height - 5) * info.width * info.channels);
    assert.ok(r > 200 && b < 60, `${r} ${b}`);
  });

  it("[MX3] lose all that was written into them: where they were taken, by what, and in which colours", async () => {
    const file = await located(64, 48);
    assert.ok(file.includes("Twinphone"), "it was in there");
    await fit(file);
    const bytes = readFileSync(join(folder, "256"));
    const { exif, xmp, iptc, icc } = await sharp(bytes).metadata();
    assert.deepEqual([exif, xmp, iptc, icc], [undefined, undefined, undefined, undefined]);
    assert.ok(!bytes.includes("Twinphone"));
  });

  it("[MX1] of avatars the middle is kept, square", async () => {
    const { size, shown } = await fit(await picture(900, 600).jpeg().toBuffer(), "image/jpeg", "avatar");
    assert.deepEqual([size, shown], ["600x600", ["256: webp 256x256", "1024: webp 600x600"]]);
  });

  it("[MX4] animated ones are their first frame, and as large as that", async () => {
    const { size, shown } = await fit(await animated(64, 48), "image/webp");
    assert.deepEqual([size, shown], ["64x48", ["256: webp 64x48"]]);
    assert.equal((await sharp(readFileSync(join(folder, "256")), { animated: true }).metadata()).pages ?? 1, 1);
  });

  for (const [what, file, type] of [
    ["CMYK", () => picture(100, 50).toColourspace("cmyk").jpeg().toBuffer(), "image/jpeg"],
    ["16 bits a colour", () => picture(100, 50).toColourspace("rgb16").png().toBuffer(), "image/png"],
    ["shades of grey", () => picture(100, 50).toColourspace("b-w").png().toBuffer(), "image/png"],
    ["a palette", () => picture(100, 50).png({ palette: true }).toBuffer(), "image/png"],
    ["see-through parts", () => picture(100, 50, 4).png().toBuffer(), "image/png"],
    ["progressive lines", () => picture(100, 50).jpeg({ progressive: true }).toBuffer(), "image/jpeg"],
  ] as const)
    it(`[MX4] ones of ${what} show what they show anywhere`, async () => {
      const { size } = await fit(await file(), type);
      assert.equal(size, "100x50");
      const [shown, meant] = [await coloursOf(made("256")), await coloursOf(sharp(await file()))];
      const off = meant.reduce((sum, value, n) => sum + Math.abs(value - (shown[n] ?? 0)), 0) / meant.length;
      assert.ok(off < 16, `off by ${off}`);
    });

  it("[MX5] a bomb of 900 megapixels is refused by its head, before anything of it is decoded", async () => {
    const file = bomb(30_000, 30_000);
    assert.ok(file.length < MEGABYTE, `${file.length}`);
    const took = stopwatch();
    assert.match(await refusal(file, "image/png"), /^MEDIA_REFUSED: A picture may have 40 megapixels/);
    assert.ok(took() < 2000);
    assert.match(await refusal(bomb(8000, 5001), "image/png"), /^MEDIA_REFUSED/);
    assert.equal((await fit(bomb(8000, 5000), "image/png")).size, "8000x5000");
  });

  it("[MX5] one that ends in the middle, or is broken there, is refused", async () => {
    const whole = await picture(600, 400).jpeg().toBuffer();
    assert.match(await refusal(whole.subarray(0, whole.length / 2)), /^MEDIA_REFUSED: The picture is damaged/);
    const png = await picture(600, 400).png().toBuffer();
    assert.match(await refusal(png.subarray(0, png.length / 2), "image/png"), /^MEDIA_REFUSED: The picture is damaged/);
    png.fill(0x55, png.length / 2, png.length / 2 + 200);
    assert.match(await refusal(png, "image/png"), /^MEDIA_REFUSED: The picture is damaged/);
    assert.match(await refusal(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])), /^MEDIA_REFUSED/);
  });

  for (const [what, file] of [
    ["an SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ["a page", Buffer.from("<!doctype html><script>alert(1)</script>")],
    ["a HEIC", heic()],
    ["a GIF", Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1")],
    ["a PDF", Buffer.from("%PDF-1.7\n")],
    ["nothing known", Buffer.alloc(100, 7)],
    ["a single byte", Buffer.from("x")],
  ] as const)
    it(`[MX6] ${what} named JPEG is 415, and says what it was taken for`, async () => {
      assert.match(await refusal(file), /^UNSUPPORTED_MEDIA_TYPE: This was announced as image\/jpeg, and is /);
    });

  it("[MX6] a PNG named JPEG is neither", async () => {
    const reason = await refusal(await picture(10, 10).png().toBuffer());
    assert.equal(reason, "UNSUPPORTED_MEDIA_TYPE: This was announced as image/jpeg, and is image/png");
  });

  it("[MX7] a file that is looked at for too long is given up, and the next one is looked at", async () => {
    const hurried = new Inspectors({ mostMs: 1 });
    writeFileSync(join(folder, "original"), await picture(2000, 2000).jpeg().toBuffer());
    const outcome = await hurried.inspect({ folder, purpose: "chat", contentType: "image/jpeg" });
    assert.deepEqual(outcome.isFit ? "fit" : outcome.code, "MEDIA_REFUSED");
    hurried.stop();
    assert.equal((await fit(await picture(10, 10).jpeg().toBuffer())).size, "10x10");
  });
});

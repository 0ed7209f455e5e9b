import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";

/** A picture with something to see in it, the same each time. */
export function picture(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += channels) {
      data[at] = (x * 255) / width;
      data[at + 1] = (y * 255) / height;
      data[at + 2] = (((x >> 4) ^ (y >> 4)) & 1) * 200;
      if (channels === 4) data[at + 3] = x < width / 2 ? 255 : 64;
    }
  return sharp(data, { raw: { width, height, channels } });
}

/** With what a phone writes into each: where it was taken. */
export const located = (width: number, height: number): Promise<Buffer> =>
  picture(width, height)
    .withExif({ IFD0: { Make: "Twinphone" }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "52/1 30/1 0/1" } })
    .jpeg()
    .toBuffer();

/** As a phone held upright stores it: `orientation` says how it is to be turned. */
export const sideways = (width: number, height: number, orientation: number): Promise<Buffer<ArrayBuffer>> =>
  picture(width, height).withMetadata({ orientation }).jpeg().toBuffer();

export async function animated(width: number, height: number): Promise<Buffer> {
  const frames = await Promise.all(
    [picture(width, height), picture(width, height).negate()].map((one) => one.png().toBuffer()),
  );
  return sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer();
}

/** A PNG of a few kilobytes that says it is that large, and is. */
export function bomb(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // One bit a pixel, grey.
  head.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * height), { level: 9 });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(name: string, body: Buffer): Buffer {
  const said = Buffer.concat([Buffer.from(name, "latin1"), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(said));
  return Buffer.concat([length, said, sum]);
}

/** As an iPhone names its own, whatever it is called on the way. */
export const heic = (): Buffer<ArrayBuffer> =>
  Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic\0\0\0\0mif1heic", "latin1"), Buffer.alloc(1000)]);

/** As large a file as a camera makes: what it sees is never quite smooth. */
export function noisy(width: number, height: number): Promise<Buffer<ArrayBuffer>> {
  const data = Buffer.alloc(width * height * 3);
  for (let n = 0, noise = 1; n < data.length; n++) {
    noise = (noise * 48_271) % 0x7fffffff;
    const [x, y] = [(n / 3) % width, Math.floor(n / 3 / width)];
    data[n] = 128 + 80 * Math.sin(x / 90) * Math.cos(y / 70) + ((noise >> 16) & 15);
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}

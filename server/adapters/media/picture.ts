import { stat } from "node:fs/promises";
import { join } from "node:path";
import { encode } from "blurhash";
import sharp, { type Sharp } from "sharp";
import type { MediaFacts, Variant } from "../../../schema/wire/media.ts";
import { Unfit } from "./unfit.ts";

/** More than any phone's camera takes; a picture of a few bytes may stand for gigabytes. */
const MOST_PIXELS = 40_000_000;

const SIZES = [256, 1024, 2048] as const;
const LARGEST = 2048;

/** Good enough to look at, small enough to load on a train. */
const WEBP = { quality: 80, effort: 2 } as const;

/** Of a BlurHash: few, since nobody looks at it for long. */
const COMPONENTS = { x: 4, y: 3 } as const;
const PLACEHOLDER_SIZE = 32;

// One picture at a time is decoded here; what else libvips can open is nobody's business.
sharp.cache(false);
sharp.concurrency(2);
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({ operation: ["VipsForeignLoadJpegFile", "VipsForeignLoadPngFile", "VipsForeignLoadWebpFile"] });

interface Raw {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

/** Decoded, turned upright, without all that was written into it, and encoded anew in the sizes it has pixels for. */
export async function inspectPicture(
  file: string,
  { folder, isSquare }: { readonly folder: string; readonly isSquare: boolean },
): Promise<{ facts: MediaFacts; variants: readonly Variant[] }> {
  const { width, height } = await uprightSize(file);
  const side = Math.min(width, height);
  const shown = isSquare ? { width: side, height: side } : { width, height };
  const base = await decoded(file, isSquare ? side : undefined);
  const sizes = sizesFor(Math.max(shown.width, shown.height));
  const variants = await Promise.all(sizes.map((size) => variantOf(base, size, folder)));
  const { bytes = 0, contentType = "image/webp" } = variants.at(-1) ?? {};
  const placeholder = await placeholderOf(base);
  const facts = { ...{ contentType, bytes, ...shown, placeholder }, durationMs: null, waveform: null };
  return { facts, variants };
}

/** Read from its head, before anything is decoded. Of an animated picture, its first frame's. */
async function uprightSize(file: string): Promise<{ width: number; height: number }> {
  const {
    width = 0,
    height = 0,
    pageHeight,
    orientation = 1,
  } = await reading(sharp(file, { limitInputPixels: false }).metadata());
  const [across, down] = [width, pageHeight ?? height];
  if (across * down > MOST_PIXELS)
    throw new Unfit(`A picture may have ${MOST_PIXELS / 1e6} megapixels; this one has more`);
  return orientation >= 5 ? { width: down, height: across } : { width: across, height: down };
}

/** As large as it is ever shown: a camera's JPEG is decoded at a fraction of its size. */
async function decoded(file: string, side: number | undefined): Promise<Raw> {
  const box = side === undefined ? LARGEST : Math.min(LARGEST, side);
  const fit = side === undefined ? "inside" : "cover";
  const upright = sharp(file, { failOn: "error", limitInputPixels: MOST_PIXELS, autoOrient: true });
  const resized = upright.resize({ width: box, height: box, fit, withoutEnlargement: true });
  const { data, info } = await reading(
    resized.toColourspace("srgb").raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true }),
  );
  return { data, width: info.width, height: info.height, channels: info.channels };
}

const ofRaw = ({ data, ...raw }: Raw): Sharp => sharp(data, { raw });

/** Never larger than it was; the smallest one is always there. */
const sizesFor = (longest: number): readonly number[] =>
  SIZES.filter((_size, n) => n === 0 || longest > (SIZES[n - 1] ?? 0));

async function variantOf(base: Raw, size: number, folder: string): Promise<Variant> {
  const file = join(folder, String(size));
  const { width, height } = await ofRaw(base)
    .resize({ width: size, height: size, fit: "inside", withoutEnlargement: true })
    .webp(WEBP)
    .toFile(file);
  return { name: String(size), contentType: "image/webp", bytes: (await stat(file)).size, width, height };
}

async function placeholderOf(base: Raw): Promise<string> {
  const small = ofRaw(base).resize({ width: PLACEHOLDER_SIZE, height: PLACEHOLDER_SIZE, fit: "inside" });
  const { data, info } = await small.ensureAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return encode(new Uint8ClampedArray(data), info.width, info.height, COMPONENTS.x, COMPONENTS.y);
}

/** What libvips says of a file is for nobody's eyes: it may quote what stands in it. */
async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw Object.assign(new Unfit("The picture is damaged: it cannot be read to its end"), { cause });
  }
}

import type { Media } from "../schema/entities/media.ts";
import type { MediaId } from "../schema/wire/ids.ts";
import type { MediaFacts, MediaView, Variant } from "../schema/wire/media.ts";
import type { MediaStore } from "./media-store.ts";

/** Where a file lies until it was checked. Nobody but its checker reads it there. */
export const incomingKey = (id: MediaId): string => `incoming/${id}`;

const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/webp": "webp",
  "audio/mp4": "m4a",
  "audio/mpeg": "mp3",
  "audio/ogg": "ogg",
  "audio/webm": "webm",
  "audio/wav": "wav",
};

const extensionOf = (contentType: string): string => EXTENSIONS[contentType] ?? "bin";

export const readyKey = (id: MediaId, { name, contentType }: Pick<Variant, "name" | "contentType">): string =>
  `ready/${id}/${name}.${extensionOf(contentType)}`;

export const fileNameOf = (id: MediaId, { contentType }: Pick<Variant, "contentType">): string =>
  `twinship-${id}.${extensionOf(contentType)}`;

/** Among others of a person's: by its id alone, for nothing that anybody wrote is part of a name. */
export const ownFileName = (id: MediaId, { contentType }: Pick<Variant, "contentType">): string =>
  `${id}.${extensionOf(contentType)}`;

export const factsOf = (media: Media): MediaFacts => ({
  contentType: media.contentType,
  bytes: media.bytes,
  width: media.width,
  height: media.height,
  durationMs: media.durationMs,
  waveform: media.waveform ?? null,
  placeholder: media.placeholder,
});

/** With links that are good for some minutes, made now: `at`, in milliseconds since 1970. */
export async function mediaView(store: Pick<MediaStore, "linkTo">, media: Media, at: number): Promise<MediaView> {
  const { id, purpose, variants } = media;
  const status = media.status === "removing" ? "refused" : media.status;
  const linked = await Promise.all(
    variants.map(async (variant) => {
      const file = { key: readyKey(id, variant), contentType: variant.contentType, fileName: fileNameOf(id, variant) };
      return { ...variant, ...(await store.linkTo(file, at)) };
    }),
  );
  const largest = linked.at(-1);
  const link = { url: largest?.url ?? null, expiresAt: largest?.expiresAt ?? null };
  return { id, purpose, status, ...factsOf(media), variants: linked, ...link };
}

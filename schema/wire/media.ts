import { z } from "zod";
import { MediaId } from "./ids.ts";

export const MediaPurpose = z.enum(["avatar", "chat", "voice", "story", "assessment"]);
export type MediaPurpose = z.infer<typeof MediaPurpose>;

/** `pending`: announced. `checking`: it is there, and being looked at. Only what is `ready` is ever shown to anybody. */
export const MediaStatus = z.enum(["pending", "checking", "ready", "refused"]);
export type MediaStatus = z.infer<typeof MediaStatus>;

/** Largest file that is taken. */
export const MEDIA_BYTES = 10 * 1024 * 1024;

const IMAGES = ["image/jpeg", "image/png", "image/webp"] as const;

/** What phones and browsers call them, and what they are. */
const RECORDINGS: Readonly<Record<string, RecordingType>> = {
  "audio/mp4": "audio/mp4",
  "audio/m4a": "audio/mp4",
  "audio/x-m4a": "audio/mp4",
  "audio/mpeg": "audio/mpeg",
  "audio/mp3": "audio/mpeg",
  "audio/ogg": "audio/ogg",
  "audio/opus": "audio/ogg",
  "audio/webm": "audio/webm",
  "audio/wav": "audio/wav",
  "audio/wave": "audio/wav",
  "audio/x-wav": "audio/wav",
  "audio/vnd.wave": "audio/wav",
};
export type RecordingType = "audio/mp4" | "audio/mpeg" | "audio/ogg" | "audio/webm" | "audio/wav";

/** The type by its one name; undefined for what is not taken for that. */
export function typeFor(purpose: MediaPurpose, contentType: string): string | undefined {
  if (purpose === "voice") return RECORDINGS[contentType];
  return IMAGES.find((type) => type === contentType);
}

/** A recorder of a browser says which codec it used, too. */
const ContentType = z
  .string()
  .max(200)
  .transform((type) => type.replace(/;.*$/s, "").trim().toLowerCase());

/** As hex or base64; kept as base64. */
const Sha256 = z
  .string()
  .refine(
    (sum) => /^[0-9a-f]{64}$/i.test(sum) || /^[A-Za-z0-9+/]{43}=$/.test(sum),
    "must be a SHA-256, in hex or base64",
  )
  .transform((sum) => (sum.length === 64 ? base64OfHex(sum) : sum));

const base64OfHex = (hex: string): string =>
  btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))));

export const AnnounceMedia = z
  .strictObject({
    purpose: MediaPurpose,
    contentType: ContentType,
    bytes: z.int().min(1).max(MEDIA_BYTES),
    sha256: Sha256.optional(),
  })
  .refine(({ purpose, contentType }) => typeFor(purpose, contentType) !== undefined, {
    path: ["contentType"],
    error: ({ input }) => `is not taken for ${Object(input).purpose}: ${takenFor(Object(input).purpose)}`,
  });
export type AnnounceMedia = z.infer<typeof AnnounceMedia>;

const takenFor = (purpose: unknown): string =>
  purpose === "voice" ? "m4a, mp3, ogg, webm or wav" : "jpeg, png or webp";

/** The height of a recording at 64 places, 0 to 100. */
export const Waveform = z.array(z.int().min(0).max(100)).length(64).readonly();

/** What anybody who may see it must know to draw it before it is there. */
const facts = {
  contentType: z.string(),
  bytes: z.int(),
  /** Of a picture, as it stands upright. */
  width: z.int().nullable(),
  height: z.int().nullable(),
  /** Of a recording. */
  durationMs: z.int().nullable(),
  waveform: Waveform.nullable(),
  /** A BlurHash, to show until the picture is there. */
  placeholder: z.string().nullable(),
};

export const MediaFacts = z.object(facts);
export type MediaFacts = z.infer<typeof MediaFacts>;

/** As a message bears it: just sent, a device knows no more of it than its id. */
export const MessageMedia = z.object({ id: MediaId, ...MediaFacts.partial().shape });
export type MessageMedia = z.infer<typeof MessageMedia>;

/** One form of it that can be fetched. */
export const Variant = z.object({
  /** The longest side it has room for: 256, 1024 or 2048; or `voice`. */
  name: z.string(),
  contentType: z.string(),
  bytes: z.int(),
  width: z.int().nullable(),
  height: z.int().nullable(),
});
export type Variant = z.infer<typeof Variant>;

const link = { url: z.string(), expiresAt: z.iso.datetime() };

export const MediaView = z
  .object({
    id: MediaId,
    purpose: MediaPurpose,
    status: MediaStatus,
    ...facts,
    /** The smallest first; none before it is ready. */
    variants: z.array(Variant.extend(link)).readonly(),
    /** Of the largest one; null before it is ready. */
    url: z.string().nullable(),
    expiresAt: z.iso.datetime().nullable(),
  })
  .meta({ id: "Media" });
export type MediaView = z.infer<typeof MediaView>;

export const UploadView = z.object({
  method: z.literal("PUT"),
  url: z.string(),
  headers: z.record(z.string(), z.string()).readonly(),
  expiresAt: z.iso.datetime(),
});

/** Any id may be asked for; one that is nothing's is one that is not there. */
export const OneMedia = z.object({ id: z.string().toLowerCase().pipe(MediaId) });

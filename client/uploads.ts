import type { MediaView } from "../schema/wire/media.ts";
import type { Api } from "./api.ts";
import { type Platform, pause } from "./platform.ts";
import { backOff, NoAnswer, Refused } from "./retry.ts";
import { isRecord } from "./wire.ts";

/** A picture or a recording, as the device has it. */
export interface MediaFile {
  readonly purpose: "avatar" | "chat" | "voice" | "story" | "assessment";
  /** `image/jpeg`, `audio/mp4` … */
  readonly contentType: string;
  readonly file: Blob;
}

/** On a bad line; after that it is for the person to say. */
const TRIES = 4;

const LOOK_MS = 1000;

/** Longer than any check takes. */
const LOOKS = 120;

/**
 * Announced, sent straight to where it is kept, and ready: what comes back goes into `chat.send`, a profile or a story.
 * Throws Refused with the reason, for the person to read, or NoAnswer when the line stayed bad.
 */
export async function upload(
  { call }: { readonly call: Api["call"] },
  platform: Platform,
  { purpose, contentType, file }: MediaFile,
): Promise<MediaView> {
  const announced = await call("POST", "/media", { body: { purpose, contentType, bytes: file.size } });
  const id = mediaIn(announced).id;
  await send(platform, announced["upload"], file);
  let media = mediaIn(await call("POST", `/media/${id}/complete`));
  for (let looks = 0; media.status === "checking" && looks < LOOKS; looks++) {
    await pause(platform, LOOK_MS);
    media = mediaIn(await call("GET", `/media/${id}`));
  }
  if (media.status !== "ready") throw new NoAnswer("It is still being checked");
  return media;
}

async function send(platform: Platform, address: unknown, body: Blob): Promise<void> {
  if (!isRecord(address) || typeof address["url"] !== "string") throw new NoAnswer("An answer without an address");
  const { url, headers: given } = address;
  // The body says how long it is; nobody else may.
  const { "Content-Length": _length, ...headers } = Object(given);
  for (let tries = 1; ; tries++) {
    const answer = await platform.fetch(url, { method: "PUT", headers, body }).catch(() => undefined);
    // A try whose answer was lost may have got there: nothing is written over.
    if (answer?.ok || answer?.status === 412) return;
    if (answer && answer.status < 500) throw new Refused("FORBIDDEN", "The file was not taken: try again");
    if (tries === TRIES) throw new NoAnswer("The file cannot be sent");
    await pause(platform, backOff(tries, platform.random));
  }
}

const isMedia = (value: unknown): value is MediaView =>
  isRecord(value) && typeof value["id"] === "string" && typeof value["status"] === "string";

function mediaIn({ media }: Readonly<Record<string, unknown>>): MediaView {
  if (!isMedia(media)) throw new NoAnswer("An answer without media");
  return media;
}

import { fileTypeFromFile } from "file-type";
import { type MediaPurpose, type RecordingType, typeFor } from "../../../schema/wire/media.ts";
import { Unfit } from "./unfit.ts";

/** What the first bytes of a file say, by the one name we have for it: a container may hold sound or film. */
const TYPES: Readonly<Record<string, string>> = {
  "image/apng": "image/png",
  "audio/x-m4a": "audio/mp4",
  "audio/mp4": "audio/mp4",
  "video/mp4": "audio/mp4",
  "audio/mpeg": "audio/mpeg",
  "audio/ogg": "audio/ogg",
  "audio/ogg; codecs=opus": "audio/ogg",
  "audio/opus": "audio/ogg",
  "application/ogg": "audio/ogg",
  "video/webm": "audio/webm",
  "audio/webm": "audio/webm",
  "audio/wav": "audio/wav",
  "audio/vnd.wave": "audio/wav",
};

/** A file that is something else than it was announced as is not taken for either. */
export async function refuseDisguised(file: string, purpose: MediaPurpose, announced: string): Promise<string> {
  const declared = typeFor(purpose, announced);
  const sniffed = (await fileTypeFromFile(file))?.mime;
  const found = sniffed && (TYPES[sniffed] ?? sniffed);
  if (declared !== undefined && found === declared) return declared;
  const what = found ?? "something unknown";
  throw new Unfit(`This was announced as ${announced}, and is ${what}`, "UNSUPPORTED_MEDIA_TYPE");
}

export const isRecording = (type: string): type is RecordingType => type.startsWith("audio/") && type in TYPES;

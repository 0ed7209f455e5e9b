import type { MediaId } from "../../schema/wire/ids.ts";
import type { MediaFacts, MediaPurpose } from "../../schema/wire/media.ts";
import type { Twin } from "../ports.ts";
import { Refusal } from "../refusal.ts";

/** What somebody wants to send, as it stands: theirs, and meant for this pair. */
export interface OfferedMedia {
  readonly purpose: MediaPurpose;
  readonly isReady: boolean;
  readonly facts: MediaFacts;
}

/** Undefined for what is not there, is somebody else's, or was meant for another pair. */
export type OfferMedia = (twin: Twin, id: MediaId) => Promise<OfferedMedia | undefined>;

const PURPOSES = { image: "chat", voice: "voice" } as const;

/** What a message of that type may bear. Throws NOT_FOUND, VALIDATION_ERROR, or CONFLICT while it is still being checked. */
export function bearable(type: string, offered: OfferedMedia | undefined): MediaFacts {
  if (!offered) throw new Refusal("NOT_FOUND", "There is no such media");
  if ((type !== "image" && type !== "voice") || offered.purpose !== PURPOSES[type]) {
    const message = `is no ${type} to send`;
    throw new Refusal("VALIDATION_ERROR", `mediaId: ${message}`, { details: [{ path: "mediaId", message }] });
  }
  if (!offered.isReady) throw new Refusal("CONFLICT", "This media is not ready yet: complete it first");
  return offered.facts;
}

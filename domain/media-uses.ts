import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Media } from "../schema/entities/media.ts";
import { Story } from "../schema/entities/story.ts";
import type { MediaId, UserId } from "../schema/wire/ids.ts";
import type { MediaPurpose } from "../schema/wire/media.ts";
import type { StoryId } from "../schema/wire/stories.ts";
import { Refusal } from "./refusal.ts";

/** What is part of a message, once it was sent. */
const SENT: readonly MediaPurpose[] = ["chat", "voice"];

interface Use {
  readonly ownerId: UserId;
  readonly purpose: MediaPurpose;
  /** Where it was asked for. */
  readonly path: string;
}

/** One's own, ready, and announced for that. Held until the transaction ends. Throws VALIDATION_ERROR. */
async function usable(em: EntityManager, id: MediaId, { ownerId, purpose, path }: Use): Promise<Media> {
  const own = { id, ownerId, purpose, status: "ready", goneAt: null } as const;
  const row = await em.findOne(Media, own, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  if (row) return row;
  const message = "must be a picture of yours that is ready";
  throw new Refusal("VALIDATION_ERROR", `${path}: ${message}`, { details: [{ path, message }] });
}

/** What nothing shows any more: nobody sees it from then on, and its files go. */
export const dropMedia = (em: EntityManager, ids: readonly MediaId[], at: Date): Promise<number> =>
  em.nativeUpdate(Media, { id: { $in: [...ids] }, goneAt: null }, { goneAt: at });

/** From one picture of a person to the next, or to none; the one before goes. */
export async function changePicture(
  em: EntityManager,
  ownerId: UserId,
  { from, to, at }: { readonly from: MediaId | null; readonly to: MediaId | null; readonly at: Date },
): Promise<void> {
  if (from === to) return;
  if (to !== null) await usable(em, to, { ownerId, purpose: "avatar", path: "profilePicture" });
  if (from !== null) await dropMedia(em, [from], at);
}

/** A story's photos are its own; those it had and has no more go. */
export async function changePhotos(
  em: EntityManager,
  { id, authorId }: { readonly id: StoryId; readonly authorId: UserId },
  { from, to, at }: { readonly from: readonly MediaId[]; readonly to: readonly MediaId[]; readonly at: Date },
): Promise<void> {
  for (const photo of to.toSorted()) {
    const row = await usable(em, photo, { ownerId: authorId, purpose: "story", path: "photos" });
    if (row.storyId !== null && row.storyId !== id)
      throw new Refusal("CONFLICT", "One of these pictures is in another story");
    row.storyId = id;
  }
  await dropMedia(
    em,
    from.filter((photo) => !to.includes(photo)),
    at,
  );
}

/** Of who is gone: all that was theirs alone. What they sent stays where it was sent. */
export async function eraseMedia(em: EntityManager, ownerId: UserId, at: Date): Promise<void> {
  const unsent = { $or: [{ purpose: { $nin: [...SENT] } }, { sentAt: null }] };
  await em.nativeUpdate(Media, { ownerId, goneAt: null, ...unsent }, { goneAt: at, storyId: null });
  await em.nativeDelete(Story, { authorId: ownerId });
}

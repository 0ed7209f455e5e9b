import type { EntityManager } from "@mikro-orm/core";
import { Media } from "../schema/entities/media.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import { Story } from "../schema/entities/story.ts";
import { User } from "../schema/entities/user.ts";
import type { MediaId, UserId } from "../schema/wire/ids.ts";
import { Refusal } from "./refusal.ts";

export const noSuchMedia = (): Refusal => new Refusal("NOT_FOUND", "There is no such media");

/** One's own, whatever has become of it; of others what they show. Asked anew for each link that is given. Throws NOT_FOUND. */
export async function visibleMedia(em: EntityManager, userId: UserId, id: MediaId): Promise<Media> {
  const media = await em.findOne(Media, { id, goneAt: null, status: { $ne: "removing" } }, { refresh: true });
  if (!media) throw noSuchMedia();
  const isTheirs = media.ownerId === userId;
  if (!isTheirs && !(media.status === "ready" && (await isShown(em, userId, media)))) throw noSuchMedia();
  return media;
}

function isShown(em: EntityManager, userId: UserId, media: Media): Promise<boolean> {
  switch (media.purpose) {
    case "avatar":
      return isTwinsPicture(em, userId, media);
    case "chat":
    case "voice":
      return isInMessage(em, userId, media);
    case "story":
      return isInStory(em, userId, media);
    case "assessment":
      // An answer is its giver's alone.
      return Promise.resolve(false);
  }
}

async function isTwinsPicture(em: EntityManager, userId: UserId, { id, ownerId }: Media): Promise<boolean> {
  const isPicture = (await em.count(User, { id: ownerId, profilePicture: id })) > 0;
  return isPicture && (await areTwins(em, userId, ownerId));
}

async function areTwins(em: EntityManager, one: UserId, other: UserId): Promise<boolean> {
  const active = await em.find(PairMember, { userId: { $in: [one, other] }, isActive: true });
  return active.length === 2 && active[0]?.pairId === active[1]?.pairId;
}

/** Index look-up: what a pair's standing messages bear, but for those the reader hid. */
const IN_MESSAGE = `
select from messages m join pair_members p on p.pair_id = m.pair_id and p.user_id = ?
where m.pair_id = ? and m.media_id = ? and not m.hides @> jsonb_build_array(jsonb_build_object('userId', ?::text)) limit 1`;

/** Of the pair as it is, or as it was: history stays readable, and what it bears. */
async function isInMessage(em: EntityManager, userId: UserId, { id, pairId }: Media): Promise<boolean> {
  if (pairId === null) return false;
  const values = [userId, pairId, id, userId];
  const found: unknown[] = await em.getConnection().execute(IN_MESSAGE, values, "all", em.getTransactionContext());
  return found.length > 0;
}

async function isInStory(em: EntityManager, userId: UserId, { storyId }: Media): Promise<boolean> {
  if (storyId === null) return false;
  const story = await em.findOne(Story, { id: storyId, visibility: "twin" });
  if (!story || story.pairId === null) return false;
  return (await em.count(PairMember, { pairId: story.pairId, userId, isActive: true })) > 0;
}

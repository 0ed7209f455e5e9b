import { z } from "zod";
import { PairId, SessionId, UserId } from "./ids.ts";
import { PairClosed } from "./room.ts";
import { StoryChange, StoryId } from "./stories.ts";
import { SubscriptionChanged } from "./subscriptions.ts";
import { InvitationId, InvitationStatus } from "./twins.ts";

/** What happened in one process that sockets, rooms and memories of another must hear of. Kept as rows: only add to it. */
export const News = z.discriminatedUnion("what", [
  /** `epoch` is the one the pair's row took: rooms of a later one know already. */
  z.object({ what: z.literal("pair.opened"), pairId: PairId, between: z.tuple([UserId, UserId]), epoch: z.int() }),
  z.object({ what: z.literal("pair.closed"), pairId: PairId, reason: PairClosed.shape.reason, epoch: z.int() }),
  /** Their sockets close, and their tokens count no more. */
  z.object({ what: z.literal("sessions.ended"), sessionIds: z.array(SessionId).readonly() }),
  /** Name, colour, picture, privacy or settings. */
  z.object({ what: z.literal("person.changed"), userId: UserId }),
  /** How far they are with their assessment; no answer is in it. */
  z.object({ what: z.literal("assessment.updated"), userId: UserId }),
  /** To whoever made it. */
  z.object({
    what: z.literal("invitation.updated"),
    userId: UserId,
    invitationId: InvitationId,
    status: InvitationStatus,
  }),
  /** Somebody's words are gone from a pair's history, up to that seq; `to` is the other of the two. */
  z.object({
    what: z.literal("history.erased"),
    pairId: PairId,
    userId: UserId,
    upToSeq: z.int(),
    to: UserId,
    epoch: z.int(),
  }),
  /** Something was written into a pair's history that its room did not write: wherever that is, it looks. */
  z.object({ what: z.literal("history.trimmed"), pairId: PairId }),
  /** To their own phones, and nobody else's. */
  SubscriptionChanged.extend({ what: z.literal("subscription.changed") }),
  /** To who may read it, and to its author's other devices. */
  z.object({ what: z.literal("story.changed"), to: UserId, storyId: StoryId, change: StoryChange }),
]);
export type News = z.infer<typeof News>;

import { z } from "zod";

/** Before every id there is: where whoever walks them in their order begins. */
export const BEFORE_ALL_IDS = "00000000-0000-0000-0000-000000000000";

export const UserId = z.uuid().brand<"UserId">();
export type UserId = z.infer<typeof UserId>;

export const PairId = z.uuid().brand<"PairId">();
export type PairId = z.infer<typeof PairId>;

/** A session is one sign-in on one device; access tokens name it as `sid`. */
export const SessionId = z.uuid().brand<"SessionId">();
export type SessionId = z.infer<typeof SessionId>;

/** A UUIDv7 made from `sentAt`, so an id names its month and sorts as history does. */
export const MessageId = z.uuidv7().brand<"MessageId">();
export type MessageId = z.infer<typeof MessageId>;

export const MediaId = z.uuid().brand<"MediaId">();
export type MediaId = z.infer<typeof MediaId>;

import { z } from "zod";
import { MediaId, UserId } from "./ids.ts";
import { Listed } from "./lists.ts";
import { MediaView } from "./media.ts";
import { storable, written, writtenLine } from "./text.ts";

export const StoryId = z.uuid().brand<"StoryId">();
export type StoryId = z.infer<typeof StoryId>;

/** `twin`: of the pair it was written in, for as long as that lasts. */
export const StoryVisibility = z.enum(["twin", "private"]);
export type StoryVisibility = z.infer<typeof StoryVisibility>;

const PHOTOS = 10;

const fields = {
  title: writtenLine(200),
  content: written(10_000),
  photos: z
    .array(MediaId)
    .max(PHOTOS)
    .refine((ids) => new Set(ids).size === ids.length, "must each come once"),
  visibility: StoryVisibility,
  milestone: z.boolean(),
  /** The day it tells of. */
  date: z.iso.date("must be a date like 1990-08-23").nullable(),
};

export const WriteStory = z.strictObject({
  title: fields.title,
  content: fields.content.nullable().default(null),
  photos: fields.photos.default([]),
  visibility: fields.visibility.default("twin"),
  milestone: fields.milestone.default(false),
  date: fields.date.default(null),
});
export type WriteStory = z.infer<typeof WriteStory>;

/** Only what is given changes. */
export const ChangeStory = z.strictObject({ ...fields, content: fields.content.nullable() }).partial();
export type ChangeStory = z.infer<typeof ChangeStory>;

export const StoryView = z
  .object({
    id: StoryId,
    authorId: UserId,
    title: z.string(),
    content: z.string().nullable(),
    photos: z.array(MediaView).readonly(),
    visibility: StoryVisibility,
    milestone: z.boolean(),
    date: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: "Story" });
export type StoryView = z.infer<typeof StoryView>;

const truth = z
  .enum(["true", "false"])
  .transform((word) => word === "true")
  .optional();

/** The newest first; `q`: all words must occur, "quoted" ones together. */
export const ListStories = Listed.extend({ q: storable(200).optional(), milestone: truth });
export type ListStories = z.infer<typeof ListStories>;

export const OneStory = z.object({ id: z.string().toLowerCase().pipe(StoryId) });

export const StoryChange = z.enum(["created", "updated", "deleted"]);
export type StoryChange = z.infer<typeof StoryChange>;

export const StoryChanged = z.object({ storyId: StoryId, change: StoryChange });
export type StoryChanged = z.infer<typeof StoryChanged>;

import { defineEntity, p } from "@mikro-orm/core";
import type { MediaId, PairId, UserId } from "../wire/ids.ts";
import type { StoryId, StoryVisibility } from "../wire/stories.ts";

/** Something that somebody tells, for their twin or for themselves. Its id says when it was first told. */
const StorySchema = defineEntity({
  name: "Story",
  tableName: "stories",
  properties: {
    id: p.uuid().$type<StoryId>().primary(),
    authorId: p.uuid().$type<UserId>(),
    /** The pair whose other twin may read it; null if there is none to. */
    pairId: p.uuid().$type<PairId>().strictNullable(),
    title: p.text(),
    content: p.text().strictNullable(),
    /** In the order they are shown. */
    photos: p.array().$type<MediaId[]>().columnType("uuid[]"),
    visibility: p.text().$type<StoryVisibility>(),
    milestone: p.boolean(),
    date: p.string().columnType("date").strictNullable(),
    /** What it is found by. */
    terms: p.array().$type<string[]>().columnType("text[]"),
    version: p.integer().default(1),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

export class Story extends StorySchema.class {}
StorySchema.setClass(Story);

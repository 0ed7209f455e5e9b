import { defineEntity, p } from "@mikro-orm/core";
import type { MediaId, PairId, UserId } from "../wire/ids.ts";
import type { MediaPurpose, MediaStatus, Variant } from "../wire/media.ts";
import type { StoryId } from "../wire/stories.ts";

/** A picture or a recording, from its announcement on. The files themselves lie in a store. */
const MediaSchema = defineEntity({
  name: "Media",
  tableName: "media",
  properties: {
    id: p.uuid().$type<MediaId>().primary(),
    ownerId: p.uuid().$type<UserId>(),
    /** The pair it was meant for when it was announced; null without one. */
    pairId: p.uuid().$type<PairId>().strictNullable(),
    purpose: p.text().$type<MediaPurpose>(),
    /** `removing`: its files are about to go, and then its row. */
    status: p.text().$type<MediaStatus | "removing">().default("pending"),
    /** As announced; once it is ready, of what is served. */
    contentType: p.text(),
    bytes: p.bigint("number"),
    sha256: p.text().strictNullable(),
    width: p.integer().strictNullable().default(null),
    height: p.integer().strictNullable().default(null),
    durationMs: p.integer().strictNullable().default(null),
    waveform: p.json().$type<readonly number[] | null>().strictNullable().default(null),
    placeholder: p.text().strictNullable().default(null),
    variants: p.json().$type<readonly Variant[]>(),
    /** All its files together, as its owner's quota counts them. */
    storedBytes: p.bigint("number"),
    refusalCode: p.text().strictNullable().default(null),
    refusalReason: p.text().strictNullable().default(null),
    createdAt: p.datetime(),
    readyAt: p.datetime().strictNullable().default(null),
    /** When the first message that bears it was sent. */
    sentAt: p.datetime().strictNullable().default(null),
    storyId: p.uuid().$type<StoryId>().strictNullable().default(null),
    /** From then on nobody sees it, and its files go. */
    goneAt: p.datetime().strictNullable().default(null),
  },
});

export class Media extends MediaSchema.class {}
MediaSchema.setClass(Media);

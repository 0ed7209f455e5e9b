import { defineEntity, p } from "@mikro-orm/core";
import type { MediaId, UserId } from "../wire/ids.ts";
import type { AccentColor, TwinType } from "../wire/people.ts";

/** A person: how they sign in, and what they say about themselves. */
const UserSchema = defineEntity({
  name: "User",
  tableName: "users",
  properties: {
    id: p.uuid().$type<UserId>().primary(),
    /** As they wrote it: this is where mail goes. */
    email: p.text(),
    /** What all spellings of that address have in common. */
    emailKey: p.text(),
    emailVerified: p.boolean().default(false),
    passwordHash: p.text(),
    status: p.text().$type<"active" | "suspended" | "deleted">().default("active"),
    /** E.164. Proved by a code that was sent there; an unproved one stands elsewhere. */
    phone: p.text().strictNullable().default(null),
    /** They asked to be gone, and are from then on; until then they come back by signing in. */
    deletionDueAt: p.datetime().strictNullable().default(null),

    name: p.text(),
    gender: p.text().strictNullable(),
    sexualOrientation: p.text().strictNullable(),
    showSexualOrientation: p.boolean(),
    twinType: p.text().$type<TwinType>().strictNullable(),
    otherTwinTypeDescription: p.text().strictNullable(),
    twinDeceased: p.boolean(),
    birthDate: p.date().strictNullable(),
    placeOfBirth: p.text().strictNullable(),
    timeOfBirth: p.text().strictNullable(),
    profilePicture: p.uuid().$type<MediaId>().strictNullable(),
    accentColor: p.text().$type<AccentColor>(),
    timezone: p.text(),
    /** Grows with every change of the profile. */
    profileVersion: p.integer().default(1),

    /** Only what was said; the rest is as Settings has it. */
    settings: p.json<object>().default("{}"),
    settingsVersion: p.integer().default(1),

    lastSeenAt: p.datetime().strictNullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

export class User extends UserSchema.class {}
UserSchema.setClass(User);

import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";
import type { Platform } from "../wire/people.ts";
import { Session } from "./session.ts";

/** A phone that rings for somebody, as long as they are signed in on it. */
const PushTokenSchema = defineEntity({
  name: "PushToken",
  tableName: "push_tokens",
  properties: {
    userId: p.uuid().$type<UserId>().primary(),
    deviceId: p.text().primary(),
    /** The sign-in it was given in. */
    session: () => p.manyToOne(Session).ref(),
    token: p.text(),
    platform: p.text().$type<Platform>(),
    updatedAt: p.datetime(),
  },
});

export class PushToken extends PushTokenSchema.class {}
PushTokenSchema.setClass(PushToken);

import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";

/** The code that somebody is to read off their phone; one at a time. */
const PhoneCodeSchema = defineEntity({
  name: "PhoneCode",
  tableName: "phone_codes",
  properties: {
    userId: p.uuid().$type<UserId>().primary(),
    phone: p.text(),
    /** Of the code, under a key of ours: six figures could be guessed from a plain hash. */
    mac: p.text(),
    /** Wrong ones so far. */
    tries: p.integer(),
    expiresAt: p.datetime(),
  },
});

export class PhoneCode extends PhoneCodeSchema.class {}
PhoneCodeSchema.setClass(PhoneCode);

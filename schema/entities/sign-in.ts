import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";

/** Somebody signed in. */
const SignInSchema = defineEntity({
  name: "SignIn",
  tableName: "sign_ins",
  properties: {
    id: p.uuid().primary(),
    userId: p.uuid().$type<UserId>(),
    at: p.datetime(),
    deviceId: p.text().strictNullable(),
    deviceName: p.text().strictNullable(),
    /** The network they came from, without the part that names one house. */
    network: p.text(),
    /** From a device that was not known before. */
    isNew: p.boolean(),
  },
});

export class SignIn extends SignInSchema.class {}
SignInSchema.setClass(SignIn);

import { z } from "zod";
import { AccentColor } from "./people.ts";

/** Everything we ever write to somebody, by mail or by text message: what is said, and never how it looks. */
export const Letter = z.discriminatedUnion("template", [
  z.object({ template: z.literal("verify_address"), name: z.string(), link: z.string() }),
  z.object({ template: z.literal("reset_password"), name: z.string(), link: z.string() }),
  z.object({ template: z.literal("password_changed"), name: z.string(), at: z.iso.datetime() }),
  /** To the old address, once the new one is confirmed. */
  z.object({ template: z.literal("address_changed"), name: z.string(), newAddress: z.string() }),
  z.object({
    template: z.literal("new_sign_in"),
    name: z.string(),
    deviceName: z.string().nullable(),
    ip: z.string(),
    at: z.iso.datetime(),
  }),
  z.object({
    template: z.literal("invitation"),
    inviterName: z.string(),
    accentColor: AccentColor,
    code: z.string(),
    link: z.string(),
    expiresAt: z.iso.datetime(),
  }),
  z.object({
    template: z.literal("invitation_accepted"),
    name: z.string(),
    twinName: z.string(),
    accentColor: AccentColor,
  }),
  z.object({ template: z.literal("pair_ended"), name: z.string(), twinName: z.string() }),
  z.object({ template: z.literal("phone_code"), code: z.string() }),
  z.object({ template: z.literal("export_ready"), name: z.string(), link: z.string(), expiresAt: z.iso.datetime() }),
  /** They may come back until then by signing in. */
  z.object({ template: z.literal("account_deletion"), name: z.string(), until: z.iso.datetime() }),
  /** To who reported something; what was done is between us and the other. */
  z.object({ template: z.literal("report_answered"), name: z.string() }),
  /** Of how they treat others; never who said so. */
  z.object({ template: z.literal("report_warning"), name: z.string() }),
  /** To both of a pair. */
  z.object({ template: z.literal("message_removed"), name: z.string() }),
  /** With how to object. */
  z.object({ template: z.literal("account_suspended"), name: z.string(), at: z.iso.datetime() }),
  z.object({ template: z.literal("account_restored"), name: z.string() }),
  z.object({
    template: z.literal("research_update"),
    name: z.string(),
    study: z.string(),
    text: z.string(),
    unsubscribeLink: z.string(),
  }),
]);
export type Letter = z.infer<typeof Letter>;

/** What a locked screen may show. No words of anybody, unless a setting allows them. */
export const PushText = z.object({
  template: z.enum(["message", "twintuition", "paired", "unpaired", "assessment", "research"]),
  title: z.string(),
  body: z.string(),
  /** For the app: what to open. */
  data: z.record(z.string(), z.string()),
  /** A later one of the same takes this one's place on the screen. */
  collapse: z.string().nullable(),
});
export type PushText = z.infer<typeof PushText>;

/** A message on its way to somebody, whatever carries it. `to` is an e-mail address, a phone number (E.164) or a push token. */
export const Outgoing = z.discriminatedUnion("channel", [
  z.object({ channel: z.literal("email"), to: z.string(), letter: Letter }),
  z.object({ channel: z.literal("sms"), to: z.string(), letter: Letter }),
  z.object({ channel: z.literal("push"), to: z.string(), letter: PushText }),
]);
export type Outgoing = z.infer<typeof Outgoing>;

export const Channel = z.enum(["email", "sms", "push"]);
export type Channel = z.infer<typeof Channel>;

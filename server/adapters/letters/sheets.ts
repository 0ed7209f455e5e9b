import { ACCENTS, OWN_ACCENT } from "../../../schema/wire/accents.ts";
import type { Letter } from "../../../schema/wire/letters.ts";
import type { Sheet } from "./layout.ts";
import { plainWords } from "./plain.ts";

type Of<Template extends Letter["template"]> = Extract<Letter, { template: Template }>;

/** What a letter leaves out is as most letters have it. */
type Words = Pick<Sheet, "subject" | "heading" | "words"> & Partial<Sheet>;

const NOT_YOU = "If this was not you, you need not do anything.";
const WHY = "You get this because somebody, probably you, uses this address for Twinship.";

/** Who has no name that can be shown. */
const SOMEBODY = "Somebody";

const dayIn = (iso: string): string =>
  new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" }).format(new Date(iso));

const momentIn = (iso: string): string =>
  `${new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }).format(new Date(iso))} UTC`;

const SHEETS: { readonly [Template in Letter["template"]]: (letter: Of<Template>) => Words } = {
  verify_address: ({ name, link }) => ({
    subject: "Confirm your address for Twinship",
    heading: `Welcome, ${name}`,
    words: ["Please confirm that this is your address, so that you can always get back into your account."],
    button: { label: "Confirm my address", link },
    small: ["The link works for two days.", NOT_YOU],
  }),
  reset_password: ({ name, link }) => ({
    subject: "A new password for Twinship",
    heading: `A new password, ${name}`,
    words: ["Somebody asked for a new password for your account. If it was you, choose one here."],
    button: { label: "Choose a new password", link },
    small: ["The link works once, and for one hour.", `${NOT_YOU} Your password stays as it is.`],
  }),
  password_changed: ({ name, at }) => ({
    subject: "Your Twinship password was changed",
    heading: "Your password was changed",
    words: [`Hello ${name}, your password was changed on ${momentIn(at)}, and your other devices were signed out.`],
    small: ["If this was not you, ask for a new password in the app at once."],
  }),
  address_changed: ({ name, newAddress }) => ({
    subject: "Your Twinship address was changed",
    heading: "Your address was changed",
    words: [`Hello ${name}, your account now uses another address: ${plainWords(newAddress, 254)}.`],
    small: ["If this was not you, somebody else knows your password: answer this mail at once."],
  }),
  new_sign_in: ({ name, deviceName, ip, at }) => ({
    subject: "A new sign-in to your Twinship account",
    heading: "A new sign-in",
    words: [
      `Hello ${name}, somebody signed in to your account on ${momentIn(at)}.`,
      `Device: ${deviceName === null ? "one without a name" : plainWords(deviceName)}. Network address: ${ip}.`,
    ],
    small: ["If this was not you, change your password in the app: that signs out every other device."],
  }),
  invitation: ({ inviterName, accentColor, code, link, expiresAt }) => ({
    subject: `${inviterName} invites you to Twinship`,
    heading: `${inviterName} thinks you are twins`,
    words: [
      "Twinship is a private place for two: chat, shared moments, and what you find out about yourselves together.",
      "Open the invitation, or type this code into the app:",
    ],
    code,
    button: { label: "See the invitation", link },
    accent: ACCENTS[accentColor],
    small: [
      `The invitation is good until ${dayIn(expiresAt)}.`,
      "If you do not know who this is from, you need not do anything.",
    ],
  }),
  invitation_accepted: ({ name, twinName, accentColor }) => ({
    subject: `${twinName} accepted: you are twins on Twinship now`,
    heading: `You and ${twinName} found each other`,
    words: [
      `Hello ${name}, ${twinName} accepted your invitation. The two of you have a place of your own now: say hello.`,
    ],
    accent: ACCENTS[accentColor],
  }),
  pair_ended: ({ name, twinName }) => ({
    subject: "Your Twinship pair has ended",
    heading: "You are not paired any more",
    words: [
      `Hello ${name}, you and ${twinName} are no longer paired on Twinship.`,
      "What you wrote to each other stays readable to both of you.",
    ],
  }),
  phone_code: ({ code }) => ({
    subject: "Your Twinship code",
    heading: "Your code",
    words: ["Type this code into the app within ten minutes. Nobody of ours will ever ask you for it."],
    code,
  }),
  export_ready: ({ name, link, expiresAt }) => ({
    subject: "Your Twinship data is ready",
    heading: "Your data is ready",
    words: [
      `Hello ${name}, the copy of your data that you asked for is ready. It is kept until ${momentIn(expiresAt)}.`,
    ],
    button: { label: "Get my data", link },
  }),
  account_deletion: ({ name, until }) => ({
    subject: "Your Twinship account is being deleted",
    heading: "Your account is being deleted",
    words: [
      `Goodbye, ${name}. Your account and what belongs to it will be erased on ${dayIn(until)}.`,
      "Until then you can come back: just sign in.",
    ],
    small: ["If this was not you, sign in and change your password."],
  }),
  report_answered: ({ name }) => ({
    subject: "We have looked at what you told us",
    heading: "We have looked at it",
    words: [
      `Hello ${name}, thank you for telling us. One of us has read your report and has done what our rules ask for.`,
      "What that was stays between us and whoever it concerns. You can always block somebody, or tell us again.",
    ],
  }),
  report_warning: ({ name }) => ({
    subject: "Please mind our rules on Twinship",
    heading: "A word about our rules",
    words: [
      `Hello ${name}, something you wrote on Twinship does not go with our rules: nobody is to be threatened, pestered or put to shame.`,
      "Please mind that from now on. If it happens again, your account can be suspended.",
    ],
    small: ["If you think that this is a mistake, answer this mail: another one of us will look at it."],
  }),
  message_removed: ({ name }) => ({
    subject: "A message was removed from your Twinship chat",
    heading: "A message was removed",
    words: [
      `Hello ${name}, one of us has removed a message from the chat of the two of you, because it does not go with our rules.`,
      "Everything else is as it was.",
    ],
    small: ["If you think that this is a mistake, answer this mail: another one of us will look at it."],
  }),
  account_suspended: ({ name, at }) => ({
    subject: "Your Twinship account is suspended",
    heading: "Your account is suspended",
    words: [
      `Hello ${name}, one of us has suspended your account on ${momentIn(at)}, because of something that does not go with our rules. You are signed out everywhere, and cannot sign in.`,
      "If you object, answer this mail and say why: another one of us will look at it and write to you. Your messages and your data stay as they are meanwhile.",
    ],
  }),
  account_restored: ({ name }) => ({
    subject: "Your Twinship account is open again",
    heading: "Welcome back",
    words: [`Hello ${name}, your account is no longer suspended. Just sign in: everything is as it was.`],
  }),
  research_update: ({ name, study, text, unsubscribeLink }) => ({
    subject: `News of the study: ${plainWords(study)}`,
    heading: plainWords(study),
    preview: plainWords(text),
    words: [`Hello ${name},`, ...paragraphsOf(text)],
    unsubscribeLink,
    small: ["You get this because you take part in this study and allowed us to write to you about it."],
  }),
};

/** What is said, with every word of a person made fit to stand in a sentence of ours. */
export function sheetOf(letter: Letter): Sheet {
  const words = written(named(letter));
  return { ...PLAIN, preview: words.words[0] ?? words.heading, ...words };
}

const PLAIN = { code: null, button: null, unsubscribeLink: null, accent: OWN_ACCENT, small: [WHY] } as const;

const LONGEST_PARAGRAPH = 2000;

const paragraphsOf = (text: string): string[] =>
  text
    .split(/\s*[\r\n\u2028\u2029]\s*/)
    .map((paragraph) => plainWords(paragraph, LONGEST_PARAGRAPH))
    .filter((paragraph) => paragraph !== "");

/** Names, before they are put anywhere. */
function named(letter: Letter): Letter {
  const names = ["name", "twinName", "inviterName"] as const;
  const plain = names.flatMap((field) => {
    const value: unknown = Reflect.get(letter, field);
    return typeof value === "string" ? [[field, plainWords(value) || SOMEBODY] as const] : [];
  });
  return { ...letter, ...Object.fromEntries(plain) };
}

function written(letter: Letter): Words {
  switch (letter.template) {
    case "verify_address":
      return SHEETS.verify_address(letter);
    case "reset_password":
      return SHEETS.reset_password(letter);
    case "password_changed":
      return SHEETS.password_changed(letter);
    case "address_changed":
      return SHEETS.address_changed(letter);
    case "new_sign_in":
      return SHEETS.new_sign_in(letter);
    case "invitation":
      return SHEETS.invitation(letter);
    case "invitation_accepted":
      return SHEETS.invitation_accepted(letter);
    case "pair_ended":
      return SHEETS.pair_ended(letter);
    case "phone_code":
      return SHEETS.phone_code(letter);
    case "export_ready":
      return SHEETS.export_ready(letter);
    case "account_deletion":
      return SHEETS.account_deletion(letter);
    case "report_answered":
      return SHEETS.report_answered(letter);
    case "report_warning":
      return SHEETS.report_warning(letter);
    case "message_removed":
      return SHEETS.message_removed(letter);
    case "account_suspended":
      return SHEETS.account_suspended(letter);
    case "account_restored":
      return SHEETS.account_restored(letter);
    case "research_update":
      return SHEETS.research_update(letter);
  }
}

import { Delivery } from "../schema/entities/delivery.ts";
import { Channel, type Letter, Outgoing } from "../schema/wire/letters.ts";
import type { MailboxItem, ReadMailbox } from "../schema/wire/mailbox.ts";
import { PhoneNumber } from "../schema/wire/phone.ts";
import { addressKeysOf } from "./address-keys.ts";
import type { Clock, Database } from "./ports.ts";
import type { Secrets } from "./secrets.ts";

/** More than anybody scrolls through. */
const NEWEST = 200;

export interface MailboxDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly secrets: Pick<Secrets, "open" | "signatures">;
  /** What a letter looks like, by mail and as a text message. */
  readonly render: {
    mail(letter: Letter): { readonly subject: string; readonly text: string; readonly html: string };
    textMessage(letter: Letter): string | undefined;
  };
  /** Messages of that kind stay here; of the others nothing is shown, not even while they wait for their carrier. */
  readonly isAtHome: (channel: Channel) => boolean;
  /** Every letter there is, as of that time. */
  readonly samples: (at: string) => readonly Letter[];
}

export type Mailbox = ReturnType<typeof mailbox>;

/** Everything that would have left this machine, the newest first: for whoever tries it out. */
export function mailbox({ database, clock, secrets, render, isAtHome, samples }: MailboxDeps) {
  const shown = (id: string, createdAt: Date, message: Outgoing): MailboxItem => {
    const { channel, to, letter } = message;
    const at = createdAt.toISOString();
    if (channel === "push") {
      const { title: subject, body: text } = letter;
      return { id, channel, to, subject, text, html: null, links: [], code: null, at };
    }
    const about = { id, channel, to, links: linksOf(letter), code: "code" in letter ? letter.code : null, at };
    if (channel === "sms") return { ...about, subject: null, text: render.textMessage(letter) ?? "", html: null };
    const { subject, text, html } = render.mail(letter);
    return { ...about, subject, text, html };
  };

  function opened({ id, createdAt, sealed }: Delivery): MailboxItem[] {
    const text = secrets.open("delivery", sealed ?? "");
    return text === undefined ? [] : [shown(id, createdAt, Outgoing.parse(JSON.parse(text)))];
  }

  return {
    /** What each letter looks like, also before anybody got one. */
    samples(): readonly MailboxItem[] {
      const now = new Date(clock.now());
      const letters = samples(now.toISOString());
      const mails = letters.map((letter): Outgoing => ({ channel: "email", to: "anna@example.org", letter }));
      const texts = letters
        .filter((letter) => render.textMessage(letter) !== undefined)
        .map((letter): Outgoing => ({ channel: "sms", to: "+4915112345678", letter }));
      // A code for a phone goes to one.
      const all = [...mails.filter(({ letter }) => letter.template !== "phone_code"), ...texts];
      return all.map((message, n) => shown(`sample-${n}`, now, message));
    },

    read: ({ to, channel: only }: ReadMailbox): Promise<readonly MailboxItem[]> =>
      database.read(async (em) => {
        const channels = Channel.options.filter((channel) => isAtHome(channel) && (only ?? channel) === channel);
        const where = {
          channel: { $in: channels },
          sealed: { $ne: null },
          // Of who wants nothing of us nothing would have left.
          status: { $ne: "suppressed" as const },
          ...(to === undefined ? {} : whereTo(secrets, to)),
        };
        const rows = await em.find(Delivery, where, { orderBy: { createdAt: "desc", id: "desc" }, limit: NEWEST });
        return rows.flatMap(opened);
      }),
  };
}

/** As somebody types it into the address of a page, where an unescaped plus has become a space. */
function whereTo(secrets: Pick<Secrets, "signatures">, to: string): { addressKey: { $in: string[] } } {
  const asked = to.trim();
  const phone = PhoneNumber.safeParse(/^\d/.test(asked) ? `+${asked}` : asked);
  const spellings = { email: asked.replaceAll(" ", "+"), sms: phone.data ?? asked, push: asked };
  return {
    addressKey: { $in: Channel.options.flatMap((channel) => addressKeysOf(secrets, channel, spellings[channel])) },
  };
}

const linksOf = (letter: Letter): string[] => [
  ...("link" in letter ? [letter.link] : []),
  ...("unsubscribeLink" in letter ? [letter.unsubscribeLink] : []),
];

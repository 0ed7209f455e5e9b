import { Delivery } from "../schema/entities/delivery.ts";
import type { SuppressionReason } from "../schema/entities/suppression.ts";
import { PhoneNumber } from "../schema/wire/phone.ts";
import { DeliveryId, MailEvent, TextEvent } from "../schema/wire/provider-reports.ts";
import { addressKeysOf } from "./address-keys.ts";
import type { Deliveries, DeliveryReport, Which } from "./deliveries.ts";
import type { AfterCommit, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";
import { lift, suppress } from "./suppressions.ts";

export interface ProviderReportsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly secrets: Pick<Secrets, "signatures">;
  readonly deliveries: Pick<Deliveries, "reported">;
}

export type ProviderReports = ReturnType<typeof providerReports>;

type Em = Parameters<Parameters<Database["transaction"]>[0]>[0];

/** What an event says of the mail, and of its address. */
interface Meaning {
  readonly state?: DeliveryReport;
  readonly suppresses?: SuppressionReason | undefined;
}

const MAIL_EVENTS = new Map<string, (event: MailEvent) => Meaning>([
  ["processed", () => ({ state: "sent" })],
  ["delivered", () => ({ state: "delivered" })],
  // A block is of this mail, at this time; the mailbox is there.
  ["bounce", ({ type }) => (type === "blocked" ? { state: "failed" } : { state: "bounced", suppresses: "gone" })],
  ["dropped", ({ reason }) => ({ state: "failed", suppresses: toldBefore(reason) })],
  ["open", () => ({ state: "opened" })],
  ["click", () => ({ state: "clicked" })],
  ["spamreport", () => ({ suppresses: "complaint" })],
  ["unsubscribe", () => ({ suppresses: "unsubscribe" })],
  ["group_unsubscribe", () => ({ suppresses: "unsubscribe" })],
]);

const meaningOf = (event: MailEvent): Meaning => MAIL_EVENTS.get(event.event)?.(event) ?? {};

/** Why a mail was not even tried: SendGrid has a list of its own, which may know what we were never told. */
function toldBefore(reason = ""): SuppressionReason | undefined {
  if (/bounced address|^invalid$/i.test(reason)) return "gone";
  if (/spam reporting address/i.test(reason)) return "complaint";
  return /unsubscribed address/i.test(reason) ? "unsubscribe" : undefined;
}

const TEXT_STATES = new Map<string, DeliveryReport>([
  ["sent", "sent"],
  ["delivered", "delivered"],
  ["read", "delivered"],
  ["undelivered", "failed"],
  ["failed", "failed"],
]);

/** Twilio's words for it, and those of the law, alone in a message. */
const STOP = /^(?:STOP|STOPALL|UNSUBSCRIBE|CANCEL|END|QUIT|ARRET|ALTO|PARA)$/;
const START = /^(?:START|UNSTOP|YES)$/;

/** Nobody has that number, or nothing that could show a text. A phone that is switched off is no such thing. */
const NO_SUCH_NUMBER: readonly string[] = ["30005", "30006"];

/** Whoever tells us something again does so within hours. */
const HEARD_MS = 30 * 86_400_000;

const HEAR = "insert into heard_texts (sid, at) values (?, ?) on conflict do nothing";

/**
 * What the providers say, in their own time, of what they took from us. However late, often or out of order it comes,
 * the end is the same, so it may be told again by anybody who was once told.
 */
export function providerReports({ database, clock, secrets, deliveries }: ProviderReportsDeps) {
  const reported = (em: Em, after: AfterCommit, which: Which, state: DeliveryReport, at: number, reason?: string) =>
    deliveries.reported(em, after, which, reason === undefined ? { state, at } : { state, at, reason });

  async function ofMail(em: Em, afterCommit: AfterCommit, event: MailEvent): Promise<void> {
    const { state, suppresses } = meaningOf(event);
    // A clock of somebody else's may be ahead.
    const at = Math.min(event.timestamp * 1000, clock.now());
    const { deliveryId: id, email, reason } = event;
    if (state !== undefined && id !== undefined) await reported(em, afterCommit, { deliveryId: id }, state, at, reason);
    if (suppresses === undefined) return;
    const known = id === undefined ? null : await em.findOne(Delivery, { id });
    const addressKeys = known ? [known.addressKey] : addressKeysOf(secrets, "email", email ?? "");
    if (known || email !== undefined) await suppress(em, { channel: "email", addressKeys }, suppresses, at);
  }

  /** Which of them are ours and still known: of the others only what is said of an address can matter. */
  async function known(events: readonly MailEvent[]): Promise<ReadonlySet<string>> {
    const ids = [...new Set(events.flatMap(({ deliveryId }) => deliveryId ?? []))];
    const rows = await database.read((em) => em.find(Delivery, { id: { $in: ids } }, { fields: ["id"] }));
    return new Set(rows.map(({ id }) => id));
  }

  /** Each message that somebody sends us counts once, or an old STOP told again would undo a later START. */
  async function isHeard(em: Em, sid: string): Promise<boolean> {
    const values = [sid, new Date(clock.now()).toISOString()];
    const { affectedRows } = await em.getConnection().execute(HEAR, values, "run", em.getTransactionContext());
    return affectedRows === 0;
  }

  async function ofSender(em: Em, { From = "", Body = "", OptOutType, MessageSid }: TextEvent): Promise<void> {
    const phone = PhoneNumber.safeParse(From);
    const word = (OptOutType ?? Body).trim().toUpperCase();
    if (!phone.success || !(STOP.test(word) || START.test(word))) return;
    if (MessageSid !== undefined && (await isHeard(em, MessageSid))) return;
    const of = { channel: "sms", addressKeys: addressKeysOf(secrets, "sms", phone.data) } as const;
    if (STOP.test(word)) await suppress(em, of, "stop", clock.now());
    else await lift(em, of, clock.now());
  }

  return {
    /** Everything SendGrid has to tell at once. Of what is no event, nothing is kept and nothing is lost. */
    async mail(list: unknown): Promise<void> {
      if (!Array.isArray(list)) throw new Refusal("VALIDATION_ERROR", "The body must be a list of events");
      const events = list
        .flatMap((one) => MailEvent.safeParse(one).data ?? [])
        .filter(({ event }) => MAIL_EVENTS.has(event));
      const ours = await known(events);
      const telling = events.filter(
        (event) => ours.has(event.deliveryId ?? "") || meaningOf(event).suppresses !== undefined,
      );
      for (const ofOne of Map.groupBy(telling, ({ deliveryId, email }) => deliveryId ?? email).values())
        await database.transaction(async (em, afterCommit) => {
          for (const event of ofOne) await ofMail(em, afterCommit, event);
        });
    },

    /**
     * What became of a message, or one that somebody sent us. `deliveryId`: ours, where Twilio was given it to bring
     * back; it may know more than we do of what it took.
     */
    text: (params: unknown, deliveryId?: unknown): Promise<void> =>
      database.transaction(async (em, afterCommit) => {
        const event = TextEvent.parse(params);
        const { MessageStatus = "", ErrorCode } = event;
        const providerId = event.MessageSid ?? event.SmsSid;
        const state = TEXT_STATES.get(MessageStatus);
        const own = DeliveryId.safeParse(deliveryId);
        if (state === undefined) return ofSender(em, event);
        if (!own.success && providerId === undefined) return;
        const which: Which = own.success ? { deliveryId: own.data } : { providerId: providerId ?? "" };
        const isNews = await reported(em, afterCommit, which, state, clock.now(), ErrorCode);
        // Told again later it would silence a number that is somebody's by then.
        if (!isNews || !NO_SUCH_NUMBER.includes(ErrorCode ?? "")) return;
        const found = await em.findOne(Delivery, own.success ? { id: own.data } : { providerId: providerId ?? "" });
        if (found) await suppress(em, { channel: "sms", addressKeys: [found.addressKey] }, "gone", clock.now());
      }),

    /** Forgets which words it heard. */
    sweep: (): Promise<number> =>
      database.transaction(async (em) => {
        const old = "delete from heard_texts where at < ?";
        const values = [new Date(clock.now() - HEARD_MS).toISOString()];
        return (await em.getConnection().execute(old, values, "run", em.getTransactionContext())).affectedRows;
      }),
  };
}

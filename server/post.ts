import type { Mailer, PushSender, Sent, Texter } from "../domain/ports.ts";
import { Undeliverable } from "../domain/undeliverable.ts";
import type { Channel, Letter, Outgoing } from "../schema/wire/letters.ts";
import { Circuit, type CircuitState } from "./adapters/circuit.ts";
import { asMail, asTextMessage } from "./adapters/letters/render.ts";
import { sendgridSignature } from "./adapters/mail/sendgrid-signature.ts";
import { twilioSignature } from "./adapters/sms/twilio-signature.ts";
import type { Config } from "./config.ts";
import type { Logger } from "./logger.ts";

/** Whoever carries messages of each kind; what nobody carries stays here, to be looked at. */
export interface Carriers {
  readonly mailer: Mailer | undefined;
  readonly texter: Texter | undefined;
  readonly pusher: PushSender | undefined;
}

export interface Post {
  /** Renders and sends. Throws Undeliverable, Away, or anything else if it may work another time. */
  send(message: Outgoing, deliveryId: string): Promise<Sent>;
  /** Of every provider that there is. */
  circuits(): readonly { readonly channel: Channel; readonly state: CircuitState }[];
  /** Whoever carries pushes, to be asked what became of them. */
  readonly pusher: PushSender | undefined;
  /** Whether messages of that kind never leave this machine. */
  isAtHome(channel: Channel): boolean;
}

type CarrierVariable =
  | "SENDGRID_API_KEY"
  | "SENDGRID_API_URL"
  | "MAIL_FROM"
  | "TWILIO_ACCOUNT_SID"
  | "TWILIO_AUTH_TOKEN"
  | "TWILIO_FROM"
  | "TWILIO_API_URL"
  | "EXPO_ACCESS_TOKEN"
  | "EXPO_API_URL"
  | "PUBLIC_URL";

/** The providers that the environment names. Their clients take long to load, which nobody waits for who has none. */
export async function carriersOf(config: Pick<Config, CarrierVariable>): Promise<Carriers> {
  const [mailer, texter, pusher] = await Promise.all([mailerOf(config), texterOf(config), pusherOf(config)]);
  return { mailer, texter, pusher };
}

async function mailerOf(config: Pick<Config, CarrierVariable>): Promise<Mailer | undefined> {
  const { SENDGRID_API_KEY: key, SENDGRID_API_URL: apiUrl, MAIL_FROM: from } = config;
  if (!key || !from) return undefined;
  const { sendgrid } = await import("./adapters/mail/sendgrid.ts");
  return sendgrid({ apiKey: key.reveal(), from, apiUrl });
}

async function texterOf(config: Pick<Config, CarrierVariable>): Promise<Texter | undefined> {
  const {
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: token,
    TWILIO_FROM: from,
    TWILIO_API_URL: apiUrl,
  } = config;
  if (!accountSid || !token || !from) return undefined;
  const { twilio } = await import("./adapters/sms/twilio.ts");
  return twilio({ accountSid, authToken: token.reveal(), from, apiUrl, reportsTo: reportsTo(config.PUBLIC_URL) });
}

async function pusherOf(config: Pick<Config, CarrierVariable>): Promise<PushSender | undefined> {
  const { EXPO_ACCESS_TOKEN: token, EXPO_API_URL: apiUrl } = config;
  if (!token) return undefined;
  const { expo } = await import("./adapters/push/expo.ts");
  return expo({ accessToken: token.reveal(), apiUrl });
}

const TWILIO_REPORTS = "/api/v1/webhooks/twilio";

/** Nobody out there can report to this machine's own name. */
const reportsTo = (publicUrl: string): string | undefined =>
  /^https?:\/\/(?:localhost|127\.|\[::1\])/.test(publicUrl) ? undefined : publicUrl + TWILIO_REPORTS;

/** How the providers prove that it is they who tell us something. */
export function signaturesOf(config: Pick<Config, "SENDGRID_WEBHOOK_KEY" | "TWILIO_AUTH_TOKEN" | "PUBLIC_URL">) {
  const { SENDGRID_WEBHOOK_KEY: key, TWILIO_AUTH_TOKEN: token, PUBLIC_URL } = config;
  return {
    sendgrid: key === undefined ? undefined : sendgridSignature(key),
    twilio: token === undefined ? undefined : twilioSignature(token.reveal(), PUBLIC_URL + TWILIO_REPORTS),
  };
}

/** Every message's way out: what it looks like, who carries it, and when nobody is asked for a while. */
export function openPost(carriers: Carriers, log: Pick<Logger, "warn" | "info">): Post {
  const { mailer, texter, pusher } = carriers;
  const circuit = (channel: Channel) =>
    new Circuit({
      monotonic: () => performance.now(),
      changed: (state) =>
        state === "open"
          ? log.warn({ channel }, `${channel}: the provider is away; messages wait for it`)
          : log.info({ channel }, `${channel}: the provider is back`),
    });
  const circuits = { email: circuit("email"), sms: circuit("sms"), push: circuit("push") };

  async function carried(message: Outgoing, deliveryId: string): Promise<Sent> {
    const atHome: Sent = { providerId: `home-${deliveryId}` };
    switch (message.channel) {
      case "email":
        return mailer ? mailer.send({ to: message.to, ...asMail(message.letter), deliveryId }) : atHome;
      case "sms":
        return texter ? texter.send({ to: message.to, text: texted(message.letter), deliveryId }) : atHome;
      case "push":
        return pusher ? pusher.send({ to: message.to, text: message.letter, deliveryId }) : atHome;
    }
  }

  const there = { email: mailer, sms: texter, push: pusher };
  return {
    send: (message, deliveryId) => circuits[message.channel].run(() => carried(message, deliveryId)),
    circuits: () =>
      CHANNELS.filter((channel) => there[channel]).map((channel) => ({ channel, state: circuits[channel].state })),
    pusher,
    isAtHome: (channel) => !there[channel],
  };
}

const CHANNELS: readonly Channel[] = ["email", "sms", "push"];

function texted(letter: Letter): string {
  const text = asTextMessage(letter);
  if (text === undefined) throw new Undeliverable(`${letter.template} is no text message`);
  return text;
}

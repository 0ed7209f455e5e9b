import sendgridMail from "@sendgrid/mail";
import { Away } from "../../../domain/deliveries.ts";
import type { Mail, Mailer } from "../../../domain/ports.ts";
import { Undeliverable } from "../../../domain/undeliverable.ts";
import { retryAfterMs } from "../retry-after.ts";

export interface SendgridOptions {
  readonly apiKey: string;
  /** An address, or a name with one. */
  readonly from: string;
  /** An origin; SendGrid's own unless said otherwise. */
  readonly apiUrl: string | undefined;
  readonly timeoutMs?: number;
}

/** Longer than SendGrid ever takes when it is well. */
const TIMEOUT_MS = 10_000;

/** What is wrong with the message or its address, and would be again. */
const FINAL = new Set([400, 404, 405, 413, 415, 422]);

/** Mail by SendGrid's own client. */
export function sendgrid({ apiKey, from, apiUrl, timeoutMs = TIMEOUT_MS }: SendgridOptions): Mailer {
  const service = ownService();
  service.setApiKey(apiKey);
  service.setTimeout(timeoutMs);
  const client = Reflect.get(service, "client");
  if (apiUrl !== undefined) client.setDefaultRequest("baseUrl", `${apiUrl}/`);

  return {
    async send(mail) {
      try {
        const [response] = await service.send(letterOf(mail, from));
        return { providerId: String(response.headers["x-message-id"] ?? "") };
      } catch (error) {
        throw translated(error);
      }
    },
  };
}

type Letter = Exclude<Parameters<typeof sendgridMail.send>[0], readonly unknown[]>;

/** Its types know only the one service that all of a process share; this one has its own key and address. */
const ownService = (): typeof sendgridMail => Reflect.construct(Object(Reflect.get(sendgridMail, "MailService")), []);

/** What comes back with every report is our own id and nothing of the person. */
function letterOf({ to, subject, text, html, deliveryId, unsubscribeLink }: Mail, from: string): Letter {
  return {
    to,
    from,
    subject,
    text,
    html,
    customArgs: { deliveryId },
    trackingSettings: { clickTracking: { enable: false, enableText: false }, openTracking: { enable: true } },
    ...(unsubscribeLink === null
      ? {}
      : {
          headers: {
            "List-Unsubscribe": `<${unsubscribeLink}>`,
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
          },
        }),
  };
}

function translated(error: unknown): unknown {
  const status = Number(Reflect.get(Object(error), "code"));
  if (FINAL.has(status)) return new Undeliverable(`SendGrid answered ${status}`);
  const response = Object(Reflect.get(Object(error), "response"));
  const afterMs = retryAfterMs(Object(response.headers)["retry-after"]);
  if (status === 429 && afterMs !== undefined) return new Away(afterMs);
  // Its own words may hold the address.
  return new Error(Number.isNaN(status) ? "SendGrid could not be reached" : `SendGrid answered ${status}`);
}

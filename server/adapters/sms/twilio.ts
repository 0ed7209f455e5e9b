import twilioSdk from "twilio";
import type RequestClient from "twilio/lib/base/RequestClient.js";
import { Away } from "../../../domain/deliveries.ts";
import type { Texter } from "../../../domain/ports.ts";
import { Undeliverable } from "../../../domain/undeliverable.ts";

export interface TwilioOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** A number, or the id of a messaging service. */
  readonly from: string;
  /** An origin; Twilio's own unless said otherwise. */
  readonly apiUrl: string | undefined;
  /** Where it reports what became of a message; undefined where it could not reach us. */
  readonly reportsTo: string | undefined;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;

/** Twilio names hundreds of reasons; whatever it calls the caller's mistake is one the next time as well, but these. */
const PASSING = new Set([401, 403, 408, 409, 429]);

/** How long to wait when it says that there is too much at once. */
const LATER_MS = 10_000;

/** Text messages by Twilio's own client. */
export function twilio({
  accountSid,
  authToken,
  from,
  apiUrl,
  reportsTo,
  timeoutMs = TIMEOUT_MS,
}: TwilioOptions): Texter {
  const httpClient = new Rerouted(apiUrl, { timeout: timeoutMs });
  const client = twilioSdk(accountSid, authToken, { httpClient, autoRetry: false });
  const sender = from.startsWith("MG") ? { messagingServiceSid: from } : { from };

  return {
    async send({ to, text, deliveryId }) {
      try {
        // What it reports may come before its answer does, or instead of it: then only our own id says what it is about.
        const callback = reportsTo === undefined ? {} : { statusCallback: `${reportsTo}?delivery=${deliveryId}` };
        const { sid } = await client.messages.create({ to, body: text, ...sender, ...callback });
        return { providerId: sid };
      } catch (error) {
        throw translated(error);
      }
    },
  };
}

/** Its client knows its own hosts only; another one is put in their place. */
class Rerouted extends twilioSdk.RequestClient {
  readonly #origin: string | undefined;

  constructor(origin: string | undefined, options: { timeout: number }) {
    super(options);
    this.#origin = origin;
  }

  override request<Data>(options: RequestClient.RequestOptions<Data>) {
    const { pathname, search } = new URL(options.uri);
    const uri = this.#origin === undefined ? options.uri : `${this.#origin}${pathname}${search}`;
    return super.request<Data>({ ...options, uri });
  }
}

function translated(error: unknown): unknown {
  const status = Number(Reflect.get(Object(error), "status"));
  const code = String(Reflect.get(Object(error), "code") ?? "");
  if (status === 429) return new Away(LATER_MS);
  if (status >= 400 && status < 500 && !PASSING.has(status))
    return new Undeliverable(`Twilio answered ${code || status}`);
  return new Error(status > 0 ? `Twilio answered ${status}` : "Twilio could not be reached");
}

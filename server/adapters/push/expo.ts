import Expo, { type ExpoPushErrorReceipt } from "expo-server-sdk";
import { Agent, type Dispatcher } from "undici";
import { Away } from "../../../domain/deliveries.ts";
import type { PushFate, PushSender } from "../../../domain/ports.ts";
import { Undeliverable } from "../../../domain/undeliverable.ts";

export interface ExpoOptions {
  readonly accessToken: string;
  /** An origin; Expo's own unless said otherwise. */
  readonly apiUrl: string | undefined;
  readonly timeoutMs?: number;
  /** First wait of its client when it is told that there is too much at once, in milliseconds. */
  readonly retryMs?: number;
}

const TIMEOUT_MS = 10_000;
const RETRY_MS = 1000;

/** How long to wait when it still is too much after the client's own tries. */
const LATER_MS = 30_000;

/** What is about this phone or this message, and would be the same next time. */
const FINAL: readonly string[] = ["DeviceNotRegistered", "MessageTooBig", "InvalidCredentials", "DeveloperError"];

/** As it names tickets; asked about anything else, it answers nothing at all. */
const TICKET = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Pushes by Expo's own client. */
export function expo({ accessToken, apiUrl, timeoutMs = TIMEOUT_MS, retryMs = RETRY_MS }: ExpoOptions): PushSender {
  const client = new Expo({ accessToken, httpAgent: agentFor(apiUrl, timeoutMs), retryMinTimeout: retryMs });

  return {
    async send({ to, text: { title, body, data, collapse } }) {
      const collapsed = collapse === null ? {} : { collapseId: collapse, tag: collapse };
      const message = { to, title, body, data, sound: "default", priority: "high", ...collapsed } as const;
      const [ticket] = await client.sendPushNotificationsAsync([message]).catch((error: unknown) => {
        throw translated(error);
      });
      if (ticket?.status === "ok") return { providerId: ticket.id };
      throw refusalOf(ticket);
    },

    async receipts(ids) {
      const fates = new Map<string, PushFate>();
      const theirs = ids.filter((id) => TICKET.test(id));
      for (const chunk of client.chunkPushNotificationReceiptIds(theirs)) {
        const receipts = await client.getPushNotificationReceiptsAsync(chunk);
        for (const [id, receipt] of Object.entries(receipts))
          fates.set(
            id,
            receipt.status === "ok" ? { isDelivered: true } : { isDelivered: false, reason: reasonOf(receipt) },
          );
      }
      return fates;
    },
  };
}

/** Its client knows its own host only; another one is put in its place. */
function agentFor(apiUrl: string | undefined, timeoutMs: number): Dispatcher {
  const agent = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connect: { timeout: timeoutMs } });
  if (apiUrl === undefined) return agent;
  return agent.compose((dispatch) => (options, handler) => dispatch({ ...options, origin: apiUrl }, handler));
}

const reasonOf = (receipt: ExpoPushErrorReceipt | undefined): string => receipt?.details?.error ?? "Expo refused it";

function refusalOf(ticket: ExpoPushErrorReceipt | undefined): Error {
  const reason = reasonOf(ticket);
  return FINAL.includes(reason) ? new Undeliverable(reason) : new Error(reason);
}

function translated(error: unknown): unknown {
  const status = Number(Reflect.get(Object(error), "statusCode"));
  if (status === 429) return new Away(LATER_MS);
  if (status >= 400 && status < 500 && status !== 401 && status !== 403)
    return new Undeliverable(`Expo answered ${status}`);
  return new Error(status > 0 ? `Expo answered ${status}` : "Expo could not be reached");
}

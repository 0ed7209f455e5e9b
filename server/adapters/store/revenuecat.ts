import { Away } from "../../../domain/deliveries.ts";
import { productOf } from "../../../domain/subscriptions/plans.ts";
import { believed } from "../../../domain/subscriptions/revenuecat-events.ts";
import type { Proof, Store, StoreRecord } from "../../../domain/subscriptions/store.ts";
import type { Subscription } from "../../../domain/subscriptions/subscription.ts";
import { Undeliverable } from "../../../domain/undeliverable.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import { RevenuecatAnswer, type RevenuecatSubscription } from "../../../schema/wire/store-events.ts";
import { retryAfterMs } from "../retry-after.ts";

export interface RevenuecatOptions {
  readonly apiKey: string;
  /** An origin; RevenueCat's own unless said otherwise. */
  readonly apiUrl: string | undefined;
  readonly timeoutMs?: number;
}

const API_URL = "https://api.revenuecat.com";

/** A phone waits for it, and so does RevenueCat itself when it told us something. */
const TIMEOUT_MS = 5000;

/** How long to wait when it says that there is too much at once, and not for how long. */
const LATER_MS = 30_000;

/** What is about us and not about the purchase: another key, another time. */
const PASSING = new Set([401, 403, 408, 409, 429]);

/** As it calls what a purchase was made on. */
const PLATFORMS = { ios: "ios", android: "android", web: "stripe" } as const;

/** RevenueCat's REST interface, version 1: its own record of a person, and purchases it is to look at. */
export function revenuecat({ apiKey, apiUrl = API_URL, timeoutMs = TIMEOUT_MS }: RevenuecatOptions): Store {
  async function asked(path: string, init: RequestInit = {}): Promise<unknown> {
    const headers = { authorization: `Bearer ${apiKey}`, accept: "application/json", ...init.headers };
    // The time-out is for all of it: an answer that stops in the middle is none.
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await fetch(`${apiUrl}/v1${path}`, { ...init, headers, signal, redirect: "error" });
      const body: unknown = await answer.json().catch((error) => {
        if (answer.ok) throw error;
      });
      if (answer.ok) return body;
      throw refusalOf(answer.status, answer.headers.get("retry-after"));
    } catch (error) {
      throw error instanceof Undeliverable || error instanceof Away || error instanceof Unwell ? error : new Unwell();
    }
  }

  async function record(userId: UserId): Promise<StoreRecord> {
    // What it has no record of it makes one for, and says so: 201.
    const answer = RevenuecatAnswer.safeParse(await asked(`/subscribers/${encodeURIComponent(userId)}`).catch(knowing));
    if (!answer.success) throw new Unwell("RevenueCat answered what it does not document");
    return recordOf(answer.data, userId);
  }

  return {
    record,

    async claim(userId, proof) {
      await asked("/receipts", {
        method: "POST",
        headers: { "content-type": "application/json", "x-platform": PLATFORMS[proof.platform] },
        body: JSON.stringify(receiptOf(userId, proof)),
      });
      return record(userId);
    },
  };
}

/** Its own words may hold somebody's receipt, so none of them are kept. */
class Unwell extends Error {
  override readonly name = "Unwell";

  constructor(message = "RevenueCat could not be reached") {
    super(message);
  }
}

/** Only a purchase can be refused for good; of a person there is a record, or trouble. */
function knowing(error: unknown): never {
  throw error instanceof Undeliverable ? new Unwell(error.reason) : error;
}

function refusalOf(status: number, retryAfter: string | null): Error {
  if (status === 429) return new Away(retryAfterMs(retryAfter) ?? LATER_MS);
  if (status >= 400 && status < 500 && !PASSING.has(status)) return new Undeliverable(`RevenueCat answered ${status}`);
  return new Unwell(`RevenueCat answered ${status}`);
}

function receiptOf(userId: UserId, { productId, purchaseToken, receiptData }: Proof): object {
  return {
    app_user_id: userId,
    fetch_token: receiptData ?? purchaseToken,
    ...(productId === undefined ? { is_restore: true } : { product_id: productId }),
  };
}

function recordOf({ request_date_ms: at, subscriber }: RevenuecatAnswer, userId: UserId): StoreRecord {
  const subscriptions = Object.entries(subscriber.subscriptions).flatMap(
    ([name, one]) => subscriptionOf(name, one, userId, at) ?? [],
  );
  return { at, subscriptions };
}

function subscriptionOf(
  name: string,
  one: RevenuecatSubscription,
  holder: UserId,
  at: number,
): Subscription | undefined {
  const productId = productOf(name);
  if (!productId) return undefined;
  const purchasedAt = one.purchase_date ?? one.original_purchase_date ?? at;
  return {
    // It has one of each product, whatever purchases it was made of.
    transaction: `${holder} ${name}`,
    ...{ holder, productId, purchasedAt },
    store: one.store ?? "unknown",
    isSandbox: one.is_sandbox,
    isTrial: one.period_type === "trial",
    startedAt: one.original_purchase_date ?? purchasedAt,
    expiresAt: believed(one.expires_date, at),
    graceEndsAt: believed(one.grace_period_expires_date, at),
    renews: !one.unsubscribe_detected_at,
    billingIssueAt: one.billing_issues_detected_at ?? null,
    pauses: Boolean(one.auto_resume_date),
    refundedAt: one.refunded_at ?? null,
    endedAt: null,
  };
}

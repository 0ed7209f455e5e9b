import { Double, type Got, type Said } from "./doubles.ts";

export const DAY_MS = 86_400_000;

/** One subscription as RevenueCat shows it; what is not said is as it is for somebody who pays. */
export interface Shown {
  readonly expires_date?: string | null;
  readonly [field: string]: unknown;
}

interface Bought {
  readonly product: string;
  owner: string;
}

const refused = (status: number, code: number, message: string): Said => ({ status, body: { code, message } });

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** GET /v1/subscribers/:id and POST /v1/receipts, with what RevenueCat demands of them. */
export class RevenuecatDouble {
  readonly double: Double;
  readonly #records: Map<string, Record<string, Shown>>;
  readonly #receipts: Map<string, Bought>;

  private constructor(double: Double, records: Map<string, Record<string, Shown>>, receipts: Map<string, Bought>) {
    this.double = double;
    this.#records = records;
    this.#receipts = receipts;
  }

  static async open(apiKey: string, now: () => number): Promise<RevenuecatDouble> {
    const records = new Map<string, Record<string, Shown>>();
    const receipts = new Map<string, Bought>();
    const double = await Double.open((got) => {
      if (got.headers.authorization !== `Bearer ${apiKey}`) return refused(401, 7225, "Invalid API Key.");
      if (got.method === "GET") return subscriber(got.path, records, now());
      return got.method === "POST" && got.path === "/v1/receipts"
        ? posted(got, receipts, records, now())
        : refused(404, 7117, "Page not found.");
    });
    return new RevenuecatDouble(double, records, receipts);
  }

  close = (): Promise<void> => this.double.close();

  /** From now on that is what it has of them. */
  has(userId: string, subscriptions: Record<string, Shown>): void {
    this.#records.set(userId, subscriptions);
  }

  /** A store sold that to somebody, who has the token now. */
  sold(token: string, product: string): void {
    this.#receipts.set(token, { product, owner: "" });
  }

  get asked(): readonly string[] {
    return this.double.got.map(({ method, path }) => `${method} ${path}`);
  }
}

function subscriber(path: string, records: Map<string, Record<string, Shown>>, now: number): Said {
  const id = /^\/v1\/subscribers\/([^/?]+)$/.exec(path)?.[1];
  if (id === undefined || !UUID.test(id)) return refused(404, 7117, "Page not found.");
  return { status: records.has(id) ? 200 : 201, body: answer(records.get(id) ?? {}, id, now) };
}

function posted(
  got: Got,
  receipts: Map<string, Bought>,
  records: Map<string, Record<string, Shown>>,
  now: number,
): Said {
  if (got.headers["content-type"] !== "application/json") return refused(400, 7000, "Content-Type must be JSON.");
  if (!["ios", "android", "stripe"].includes(String(got.headers["x-platform"])))
    return refused(400, 7105, "The platform is missing.");
  const { app_user_id: owner, fetch_token: token, product_id: product } = JSON.parse(got.body);
  if (typeof owner !== "string" || !UUID.test(owner)) return refused(400, 7220, "The app user ID is not valid.");
  if (typeof token !== "string") return refused(400, 7102, "fetch_token is required.");
  const bought = receipts.get(token);
  if (!bought) return refused(422, 7103, "The receipt is not valid.");
  if (product !== undefined && product !== bought.product) return refused(400, 7103, "It is of another product.");
  // Whoever shows it has it from then on.
  if (bought.owner !== "") records.delete(bought.owner);
  bought.owner = owner;
  records.set(owner, { [bought.product]: { expires_date: new Date(now + 30 * DAY_MS).toISOString() } });
  return { status: 200, body: answer(records.get(owner) ?? {}, owner, now) };
}

function answer(subscriptions: Record<string, Shown>, id: string, now: number): object {
  const at = new Date(now).toISOString();
  const whole = Object.entries(subscriptions).map(([name, one]) => [
    name,
    {
      ...{ auto_resume_date: null, billing_issues_detected_at: null, grace_period_expires_date: null },
      ...{ is_sandbox: false, original_purchase_date: at, ownership_type: "PURCHASED", period_type: "normal" },
      ...{ purchase_date: at, refunded_at: null, store: "app_store", unsubscribe_detected_at: null },
      ...one,
    },
  ]);
  return {
    ...{ request_date: at, request_date_ms: now },
    subscriber: {
      ...{ entitlements: {}, first_seen: at, last_seen: at, management_url: null, non_subscriptions: {} },
      ...{ original_app_user_id: id, original_application_version: null, original_purchase_date: null },
      ...{ other_purchases: {}, subscriptions: Object.fromEntries(whole) },
    },
  };
}

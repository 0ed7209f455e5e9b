import type { StoreEvent } from "../../domain/subscriptions/timeline.ts";
import { UserId } from "../../schema/wire/ids.ts";
import type { ProductId } from "../../schema/wire/subscriptions.ts";

export const DAY_MS = 86_400_000;

const DAYS: Readonly<Record<ProductId, number>> = { twinship_monthly: 30, twinship_yearly: 365 };
const GRACE_DAYS = 3;
const TRIAL_DAYS = 7;

export const DEEDS = [
  "buy",
  "try",
  "renew",
  "cancel",
  "uncancel",
  "fail with grace",
  "fail without grace",
  "pause",
  "extend",
  "expire",
  "refund",
  "reverse refund",
  "change product",
  "transfer",
  "something else",
] as const;
export type Deed = (typeof DEEDS)[number];

export const person = (n: number): UserId => UserId.parse(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);

/** What a store has of one purchase; it decides premium by itself, and knows nothing of our code. */
interface Paid {
  readonly transaction: string;
  owner: UserId;
  product: ProductId;
  paidUntil: number;
  graceUntil: number;
  isOver: boolean;
  isPaidBack: boolean;
  isCancelled: boolean;
  isFailing: boolean;
}

/** A store through which two people buy, cancel and hand over what they bought; and what it tells of it, in order. */
export class StoreLife {
  readonly events: StoreEvent[] = [];
  readonly people = [person(1), person(2)] as const;
  now: number;
  #purchases: Paid[] = [];
  #count = 0;

  constructor(start: number) {
    this.now = start;
  }

  /** Does it if a store would, and passes it over if not. */
  do(deed: Deed, afterMs: number, whose: UserId, product: ProductId): void {
    this.now += afterMs;
    const paid = this.#purchases.findLast(({ owner }) => owner === whose);
    if (deed === "buy" || deed === "try") return this.#buy(whose, product, deed === "try");
    if (paid) this.#change(deed, paid, product);
  }

  isPremium(whose: UserId, at: number): boolean {
    return this.#purchases.some(
      ({ owner, isPaidBack, isOver, paidUntil, graceUntil }) =>
        owner === whose && !isPaidBack && !isOver && at < Math.max(paidUntil, graceUntil),
    );
  }

  /** All moments around which something may change, beyond now. */
  moments(): readonly number[] {
    const ends = this.#purchases.flatMap(({ paidUntil, graceUntil }) => [paidUntil, graceUntil]);
    return [this.now, ...ends.flatMap((end) => [end - 1, end, end + 1])].filter((at) => at >= this.now);
  }

  #buy(owner: UserId, product: ProductId, isTrial: boolean): void {
    const running = this.#purchases.some((one) => one.owner === owner && this.#isRunning(one));
    // A store sells nobody the same thing twice.
    if (running) return;
    const paid: Paid = {
      transaction: `t${++this.#count}`,
      owner,
      product,
      paidUntil: this.now + (isTrial ? TRIAL_DAYS : DAYS[product]) * DAY_MS,
      ...{ graceUntil: 0, isOver: false, isPaidBack: false, isCancelled: false, isFailing: false },
    };
    this.#purchases.push(paid);
    this.#tell("INITIAL_PURCHASE", paid, { isTrial });
  }

  #isRunning = (paid: Paid): boolean => !paid.isOver && !paid.isPaidBack && this.now < paid.paidUntil;

  #change(deed: Deed, paid: Paid, product: ProductId): void {
    switch (deed) {
      case "renew":
        if (this.#isRunning(paid) && (paid.isCancelled || paid.paidUntil - this.now > DAY_MS)) return;
        paid.paidUntil = Math.max(this.now, paid.isOver ? 0 : paid.paidUntil) + DAYS[paid.product] * DAY_MS;
        Object.assign(paid, { graceUntil: 0, isOver: false, isPaidBack: false, isCancelled: false, isFailing: false });
        return this.#tell("RENEWAL", paid);
      case "cancel":
        if (!this.#isRunning(paid) || paid.isCancelled) return;
        paid.isCancelled = true;
        return this.#tell("CANCELLATION", paid, { reason: "UNSUBSCRIBE" });
      case "uncancel":
        if (!this.#isRunning(paid) || !paid.isCancelled) return;
        paid.isCancelled = false;
        return this.#tell("UNCANCELLATION", paid);
      case "fail with grace":
      case "fail without grace":
        return this.#fail(paid, deed === "fail with grace");
      case "pause":
        return this.#isRunning(paid) ? this.#tell("SUBSCRIPTION_PAUSED", paid) : undefined;
      case "extend":
        if (!this.#isRunning(paid)) return;
        paid.paidUntil += 5 * DAY_MS;
        return this.#tell("SUBSCRIPTION_EXTENDED", paid);
      case "expire":
        if (paid.isOver || this.#isRunning(paid)) return;
        paid.isOver = true;
        return this.#tell("EXPIRATION", paid, { reason: paid.isFailing ? "BILLING_ERROR" : "UNSUBSCRIBE" });
      case "refund":
        if (paid.isPaidBack || paid.isOver) return;
        Object.assign(paid, { isPaidBack: true, isCancelled: true });
        return this.#tell("CANCELLATION", paid, { reason: "CUSTOMER_SUPPORT" });
      case "reverse refund":
        if (!paid.isPaidBack) return;
        Object.assign(paid, { isPaidBack: false, isOver: false });
        return this.#tell("REFUND_REVERSED", paid);
      case "change product":
        if (!this.#isRunning(paid)) return;
        this.#tell("PRODUCT_CHANGE", paid);
        paid.product = product;
        return;
      case "transfer":
        return this.#transfer(paid.owner);
      default:
        return this.#tell("INVOICE_ISSUANCE", paid);
    }
  }

  /** The payment fails at the end of a period, and the store may wait for it. */
  #fail(paid: Paid, hasGrace: boolean): void {
    if (paid.isOver || paid.isPaidBack || paid.isCancelled || paid.isFailing) return;
    this.now = Math.max(this.now, paid.paidUntil);
    paid.isFailing = true;
    if (hasGrace) paid.graceUntil = paid.paidUntil + GRACE_DAYS * DAY_MS;
    const graceEndsAt = hasGrace ? paid.graceUntil : null;
    this.#tell("BILLING_ISSUE", paid, { graceEndsAt });
    // RevenueCat tells of it twice, in the same moment.
    this.#tell("CANCELLATION", paid, { reason: "BILLING_ERROR" });
  }

  #transfer(from: UserId): void {
    const to = this.people.find((one) => one !== from) ?? from;
    for (const paid of this.#purchases) if (paid.owner === from) paid.owner = to;
    const [any] = this.#purchases;
    if (!any) return;
    const { productId: _product, transaction: _transaction, ...event } = this.#eventOf("TRANSFER", any);
    this.events.push({ ...event, userId: from, toUserId: to, productId: null, transaction: null });
  }

  #tell(type: string, paid: Paid, facts: Partial<StoreEvent["facts"]> = {}): void {
    this.events.push(this.#eventOf(type, paid, facts));
  }

  #eventOf(type: string, paid: Paid, facts: Partial<StoreEvent["facts"]> = {}): StoreEvent {
    return {
      id: `e${this.events.length}`,
      at: this.now,
      type,
      userId: paid.owner,
      toUserId: null,
      transaction: paid.transaction,
      productId: paid.product,
      store: "APP_STORE",
      isSandbox: false,
      facts: {
        purchasedAt: this.now,
        expiresAt: paid.paidUntil,
        graceEndsAt: null,
        isTrial: false,
        reason: null,
        ...facts,
      },
    };
  }
}

import type { Caller, Notices } from "../../domain/ports.ts";
import { type Selling, type SellingDeps, sellingPremium } from "../../domain/subscriptions/selling.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { News } from "../../schema/wire/news.ts";
import { chance } from "../../server/chance.ts";
import { AccountsWorld } from "./accounts-world.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

type Shop = SellingDeps["shop"];

export const eventsOnly: Shop = { store: undefined, isTestStoreOpen: false, takesSandbox: true, appIds: [] };

/** Subscriptions on a real PostgreSQL, with time in the test's hands and RevenueCat's words in its mouth. */
export class PremiumWorld {
  readonly world: AccountsWorld;
  readonly news: News[] = [];
  readonly #notices: Notices = { hear: (news) => void this.news.push(news) };
  #count = 0;

  private constructor(world: AccountsWorld) {
    this.world = world;
  }

  static async open(): Promise<PremiumWorld> {
    return new PremiumWorld(await AccountsWorld.open());
  }

  close = (): Promise<void> => this.world.close();

  get now(): number {
    return this.world.clock.time;
  }

  sql = (text: string, values: unknown[] = []) => this.world.sql(text, values);

  /** Everything about premium, as one process has it. */
  selling(shop: Partial<Shop> = {}, given: Partial<SellingDeps> = {}): Selling {
    const { database } = this.world.opened;
    const deps = { database, clock: this.world.clock, chance, notices: this.#notices };
    return sellingPremium({ ...deps, ...given, shop: { ...eventsOnly, ...shop } });
  }

  async person(name = "Ada"): Promise<Caller> {
    return this.world.callerOf(await this.world.register({ name }));
  }

  /** As RevenueCat sends it: a month that begins now, unless said otherwise. */
  event(userId: string, type: string, fields: object = {}) {
    const n = ++this.#count;
    return {
      event: {
        id: `event-${n}`,
        ...{ type, app_id: "app1234", app_user_id: userId, original_app_user_id: userId },
        aliases: [userId, "$RCAnonymousID:8069238d6049ce87cc529853916d624c"],
        ...{ event_timestamp_ms: this.now + n, product_id: "twinship_monthly", period_type: "NORMAL" },
        ...{ purchased_at_ms: this.now, expiration_at_ms: this.now + 30 * DAY_MS, store: "APP_STORE" },
        ...{ environment: "PRODUCTION", transaction_id: `of ${userId}`, original_transaction_id: `of ${userId}` },
        ...{ price: 9.99, currency: "USD", country_code: "US", entitlement_ids: ["premium"] },
        ...fields,
      },
    };
  }

  toldTo = (userId: UserId) =>
    this.news.flatMap((one) => (one.what === "subscription.changed" && one.userId === userId ? [one.isActive] : []));
}

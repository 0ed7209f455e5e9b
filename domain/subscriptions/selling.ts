import type { Chance, Clock, Database, Entitlements, Notices } from "../ports.ts";
import { holdings } from "./holdings.ts";
import { premium } from "./premium.ts";
import { readings } from "./readings.ts";
import type { Store } from "./store.ts";
import { type Subscriptions, subscriptions } from "./subscriptions.ts";
import { type TestStore, testStore } from "./test-store.ts";
import { type TestStoreWindow, testStoreWindow } from "./test-store-window.ts";

export interface SellingDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly notices: Notices;
  readonly shop: {
    readonly store: Store | undefined;
    readonly isTestStoreOpen: boolean;
    readonly takesSandbox: boolean;
    readonly appIds: readonly string[];
  };
}

export interface Selling {
  readonly entitlements: Entitlements;
  readonly subscriptions: Subscriptions;
  /** What is done again and again: what the clock ends, and what the provider is asked. */
  readonly premiumUpkeep: { readonly sweep: () => Promise<number>; readonly read: () => Promise<number> };
  /** Undefined where people pay. */
  readonly storePage: { readonly testStore: TestStore; readonly testStoreWindow: TestStoreWindow } | undefined;
}

/** All there is about premium, joined: one keeper of what people have, and everybody who tells it something. */
export function sellingPremium({ shop, ...given }: SellingDeps): Selling {
  const deps = { ...given, ...shop, holdings: holdings(given) };
  const records = readings(deps);
  const builtIn = shop.isTestStoreOpen ? testStore(deps) : undefined;
  return {
    entitlements: premium(deps),
    subscriptions: subscriptions({ ...deps, readings: records, testStore: builtIn }),
    premiumUpkeep: {
      sweep: () => deps.database.transaction((em, afterCommit) => deps.holdings.sweep(em, afterCommit)),
      read: records.round,
    },
    storePage: builtIn && { testStore: builtIn, testStoreWindow: testStoreWindow(deps) },
  };
}

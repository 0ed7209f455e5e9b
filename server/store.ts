import type { Store } from "../domain/subscriptions/store.ts";
import { Circuit, type CircuitState } from "./adapters/circuit.ts";
import { revenuecat } from "./adapters/store/revenuecat.ts";
import { revenuecatHook } from "./adapters/store/revenuecat-signature.ts";
import type { Config } from "./config.ts";
import type { Logger } from "./logger.ts";

/** Who sells, and what of it counts here. */
export interface Shop {
  /** Whose records are the truth; undefined: what events tell is, if anybody tells us. */
  readonly store: Store | undefined;
  /** The one that is built in is open. */
  readonly isTestStoreOpen: boolean;
  readonly takesSandbox: boolean;
  readonly appIds: readonly string[];
  /** Undefined where nobody is asked. */
  readonly circuit: () => CircuitState | undefined;
}

type ShopVariable = "NODE_ENV" | "REVENUECAT_API_KEY" | "REVENUECAT_API_URL" | "REVENUECAT_APP_IDS";

export function openShop(config: Pick<Config, ShopVariable>, log: Pick<Logger, "warn" | "info">): Shop {
  const isProduction = config.NODE_ENV === "production";
  const apiKey = config.REVENUECAT_API_KEY?.reveal();
  const what = { takesSandbox: !isProduction, appIds: config.REVENUECAT_APP_IDS };
  if (apiKey === undefined)
    return { ...what, store: undefined, isTestStoreOpen: !isProduction, circuit: () => undefined };
  const circuit = new Circuit({
    monotonic: () => performance.now(),
    changed: (state) =>
      state === "open"
        ? log.warn({ channel: "store" }, "store: the provider is away; purchases wait for it")
        : log.info({ channel: "store" }, "store: the provider is back"),
  });
  const { record, claim } = revenuecat({ apiKey, apiUrl: config.REVENUECAT_API_URL });
  const store: Store = {
    record: (userId) => circuit.run(() => record(userId)),
    claim: (userId, proof) => circuit.run(() => claim(userId, proof)),
  };
  return { ...what, store, isTestStoreOpen: false, circuit: () => circuit.state };
}

/** How RevenueCat proves that it is it who tells us something. */
export const shopHookOf = (config: Pick<Config, "REVENUECAT_WEBHOOK_AUTH" | "REVENUECAT_WEBHOOK_SECRET">) =>
  revenuecatHook(
    { auth: config.REVENUECAT_WEBHOOK_AUTH?.reveal(), secret: config.REVENUECAT_WEBHOOK_SECRET?.reveal() },
    () => Date.now(),
  );

import { Away } from "../deliveries.ts";
import { Refusal } from "../refusal.ts";
import { Undeliverable } from "../undeliverable.ts";

/** When it makes sense to ask again whom we could not reach. */
const AGAIN_MS = 10_000;

/** What a store says no to is refused for good; what it says nothing to may be asked again. */
export async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Undeliverable) throw noPurchase(error);
    const retryAfterMs = error instanceof Away ? error.retryAfterMs : AGAIN_MS;
    throw new Refusal("UNAVAILABLE", "The store does not answer; nothing was changed", { retryAfterMs, cause: error });
  }
}

export function noPurchase(cause?: Error): Refusal {
  const detail = { path: "purchaseToken", message: "is no purchase that its store knows" };
  return new Refusal("VALIDATION_ERROR", `${detail.path}: ${detail.message}`, { details: [detail], cause });
}

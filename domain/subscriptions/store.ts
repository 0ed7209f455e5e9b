import type { UserId } from "../../schema/wire/ids.ts";
import type { Platform, ProductId } from "../../schema/wire/subscriptions.ts";
import type { Subscription } from "./subscription.ts";

/** What a provider has of one person, which is the truth about them. */
export interface StoreRecord {
  /** By the provider's clock, in milliseconds since 1970. */
  readonly at: number;
  readonly subscriptions: readonly Subscription[];
}

/** What a phone brings from its store. */
export interface Proof {
  /** Undefined: whatever the receipt is of. */
  readonly productId: ProductId | undefined;
  readonly purchaseToken: string;
  readonly platform: Platform;
  readonly receiptData: string | undefined;
}

/**
 * Who stands between us and the stores of Apple and Google. Another one, or a store without anybody between, is another
 * implementation. Throws Undeliverable if what it was given is no purchase, and anything else if it may know another time.
 */
export interface Store {
  record(userId: UserId): Promise<StoreRecord>;
  /** Has it looked at; from then on it is that person's, whoever had it before. Answers with what they have by now. */
  claim(userId: UserId, proof: Proof): Promise<StoreRecord>;
}

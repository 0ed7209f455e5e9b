import type { EntityManager } from "@mikro-orm/core";
import { Subscription as Row } from "../../schema/entities/subscription.ts";
import type { Access } from "../../schema/wire/assessments.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { Entitlement } from "../../schema/wire/subscriptions.ts";
import type { Clock, Database, Entitlements } from "../ports.ts";
import { Refusal } from "../refusal.ts";
import { viewOf } from "./rows.ts";

export interface PremiumDeps {
  readonly database: Pick<Database, "read">;
  readonly clock: Clock;
  /** [SB12] What was bought for trying out counts. */
  readonly takesSandbox: boolean;
}

/** What somebody's own subscription opens, by the times that are written down and the clock: nothing waits for a job. */
export const premium = ({ database, clock, takesSandbox }: PremiumDeps): Entitlements => ({
  of: (userId) =>
    database.read(async (em) => {
      const { entitlements } = viewOf(await rowsOf(em, userId, takesSandbox), clock.now());
      return new Set(entitlements);
    }),
});

/** Throws PREMIUM_REQUIRED. */
export async function needEntitlement(of: Entitlements, userId: UserId, entitlement: Entitlement): Promise<void> {
  const has = await of.of(userId);
  if (!has.has(entitlement)) throw premiumRequired();
}

export const premiumRequired = (): Refusal => new Refusal("PREMIUM_REQUIRED", "This is part of Twinship Premium");

/** How much of results somebody is shown. */
export const accessOf = async (of: Entitlements, userId: UserId): Promise<Access> =>
  (await of.of(userId)).has("advanced_insights") ? "premium" : "free";

/** Of a database that was used for trying out, nothing of that counts where people pay. */
export const rowsOf = (em: EntityManager, userId: UserId, takesSandbox: boolean): Promise<Row[]> =>
  em.find(Row, { userId, ...(takesSandbox ? {} : { isSandbox: false }) }, { refresh: true });

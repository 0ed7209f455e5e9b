import { UserId } from "../../schema/wire/ids.ts";
import type { RevenuecatEvent } from "../../schema/wire/store-events.ts";
import { productOf } from "./plans.ts";
import type { StoreEvent } from "./timeline.ts";

/** Nobody pays for longer ahead than a year, and no store adds more than another one. */
const LONGEST_MS = 800 * 86_400_000;

/** What came, in our words; whom it names may be people of ours, of somebody else, or nobody. */
export interface Told extends Omit<StoreEvent, "userId" | "toUserId"> {
  readonly appId: string | null;
  /** Those it may be about; the first of them that we know it is. */
  readonly people: readonly UserId[];
  /** Of a transfer: those who may have it from then on; null if it does not say. */
  readonly toPeople: readonly UserId[] | null;
}

/** `heardAt` stands for when it happened, if that was not said. */
export function toldBy(event: RevenuecatEvent, heardAt: number): Told {
  const { id, type, transferred_from: from, transferred_to: to } = event;
  const named = [event.app_user_id, event.original_app_user_id, ...(event.aliases ?? [])];
  const isTransfer = type === "TRANSFER";
  const at = event.event_timestamp_ms ?? heardAt;
  return {
    ...{ id, type, at },
    appId: event.app_id ?? null,
    people: usersIn(isTransfer ? (from ?? []) : named),
    toPeople: isTransfer && to?.length ? usersIn(to) : null,
    transaction: event.original_transaction_id ?? event.transaction_id ?? null,
    productId: productOf(event.product_id) ?? null,
    store: event.store ?? "UNKNOWN",
    isSandbox: event.environment === "SANDBOX",
    facts: {
      purchasedAt: event.purchased_at_ms ?? null,
      expiresAt: believed(event.expiration_at_ms, at),
      graceEndsAt: believed(event.grace_period_expiration_at_ms, at),
      isTrial: event.period_type === "TRIAL",
      reason: event.cancel_reason ?? event.expiration_reason ?? null,
    },
  };
}

/** [SB4] An end that is too far away is none that anybody paid for. */
export const believed = (end: number | null | undefined, at: number): number | null =>
  end === null || end === undefined || end - at > LONGEST_MS ? null : end;

/** Others may stand among them: RevenueCat has names of its own for who has not signed in. */
function usersIn(names: readonly (string | null | undefined)[]): UserId[] {
  return names.flatMap((name) => UserId.safeParse(name?.toLowerCase()).data ?? []);
}

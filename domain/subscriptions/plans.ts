import { Entitlement, type PlanView, ProductId } from "../../schema/wire/subscriptions.ts";

/** What premium opens. Every plan opens all of it. */
export const PREMIUM: readonly Entitlement[] = Entitlement.options;

interface Plan {
  readonly name: string;
  /** In US cents: money is counted, not measured. */
  readonly cents: number;
  readonly period: "month" | "year";
  readonly months: number;
}

/** What is on offer. What is paid in other currencies is the stores' to say. */
const PLANS: Readonly<Record<ProductId, Plan>> = {
  twinship_monthly: { name: "Twinship Premium, by the month", cents: 999, period: "month", months: 1 },
  twinship_yearly: { name: "Twinship Premium, by the year", cents: 5999, period: "year", months: 12 },
};

/** The shortest one, which the others are held against. */
const BY_THE_MONTH = PLANS.twinship_monthly.cents;

export const plans: readonly PlanView[] = ProductId.options.map((productId) => {
  const { name, cents, period, months } = PLANS[productId];
  const saved = BY_THE_MONTH * months - cents;
  return {
    productId,
    name,
    price: cents / 100,
    currency: "USD",
    period,
    pricePerMonth: Math.round(cents / months) / 100,
    savings: saved > 0 ? { amount: saved / 100, percent: Math.round((100 * saved) / (BY_THE_MONTH * months)) } : null,
    entitlements: PREMIUM,
  };
});

/** How long one period lasts in the store that is built in. The others say so themselves. */
export const monthsOf = (productId: ProductId): number => PLANS[productId].months;

/** Google's names have the base plan behind a colon. What is not ours has no plan. */
export function productOf(name: string | null | undefined): ProductId | undefined {
  return ProductId.safeParse(name?.split(":")[0]).data;
}

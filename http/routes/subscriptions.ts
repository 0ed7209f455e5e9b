import { z } from "zod";
import type { Subscriptions } from "../../domain/subscriptions/subscriptions.ts";
import { Purchase, Restore, SubscriptionsView, SubscriptionView } from "../../schema/wire/subscriptions.ts";
import { Answer, nothing, type Route, route } from "../route.ts";

export interface SubscriptionsDeps {
  readonly subscriptions: Pick<Subscriptions, "look" | "purchase" | "restore">;
}

/** A purchase has a key of its own; and no transaction stays open while a store is asked. */
const repeats = "none";

/** One's own subscription. What the twin has is theirs. */
export const subscriptionRoutes = ({ subscriptions }: SubscriptionsDeps): readonly Route[] => [
  route(
    {
      method: "get",
      path: "/subscriptions",
      summary: "One's own subscription, what it opens, and the plans there are",
      asks: nothing,
      reply: SubscriptionsView,
    },
    ({ caller }) => subscriptions.look(caller),
  ),
  route(
    {
      method: "post",
      path: "/subscriptions/purchase",
      summary: "Hand over what a store sold; it counts once the store confirms it (202 until then)",
      asks: z.object({ body: Purchase }),
      reply: z.object({ subscription: SubscriptionView }),
      repeats,
    },
    async ({ caller, body }) => {
      const { subscription, isConfirmed } = await subscriptions.purchase(caller, body);
      return new Answer({ subscription }, isConfirmed ? {} : { status: 202 });
    },
  ),
  route(
    {
      method: "post",
      path: "/subscriptions/restore",
      summary:
        "Read from the store what one has; with a token also a purchase made under another account, which moves here",
      asks: z.object({ body: Restore }),
      reply: z.object({ subscription: SubscriptionView }),
      repeats,
    },
    async ({ caller, body }) => ({ subscription: await subscriptions.restore(caller, body) }),
  ),
];

import { z } from "zod";
import type { Pairing } from "../../domain/pairing.ts";
import { CodeView, Paired, PairView, RedeemCode } from "../../schema/wire/twins.ts";
import { nothing, type Route, route } from "../route.ts";

/** What the routes ask of it. */
export type TwinPairing = Omit<Pairing, "accept" | "partFrom">;

/** Finding one's twin, and parting. */
export function twinRoutes(pairing: TwinPairing): readonly Route[] {
  return [
    route(
      {
        method: "post",
        path: "/twins/code",
        summary: "A code for the other phone",
        asks: nothing,
        reply: CodeView,
        status: 201,
      },
      ({ caller }) => pairing.newCode(caller),
    ),
    route(
      {
        method: "post",
        path: "/twins/pair",
        summary: "Redeem a twin's code",
        asks: z.object({ body: RedeemCode }),
        reply: Paired,
      },
      ({ caller, body }) => pairing.redeem(caller, body.code),
    ),
    route(
      {
        method: "get",
        path: "/twins",
        summary: "The pair, if there is one",
        asks: nothing,
        reply: z.object({ pair: PairView.nullable() }),
      },
      async ({ caller }) => ({ pair: await pairing.current(caller.userId) }),
    ),
    route(
      {
        method: "get",
        path: "/twins/former",
        summary: "Earlier pairs",
        asks: nothing,
        reply: z.object({ pairs: z.array(PairView).readonly() }),
      },
      async ({ caller }) => ({ pairs: await pairing.former(caller.userId) }),
    ),
    route(
      {
        method: "delete",
        path: "/twins",
        summary: "Part; history stays readable to both",
        asks: nothing,
        reply: z.object({ message: z.string() }),
      },
      async ({ caller }) => {
        await pairing.unpair(caller);
        return { message: "You are not paired any more" };
      },
    ),
  ];
}

import { z } from "zod";
import type { Pairing } from "../../domain/pairing.ts";
import type { Chance, Clock, PairDoor } from "../../domain/ports.ts";
import type { TwintuitionReader } from "../../domain/twintuition.ts";
import { Listed } from "../../schema/wire/lists.ts";
import { OfPair } from "../../schema/wire/messages.ts";
import {
  AlertSent,
  AlertsPage,
  AlertView,
  MomentsPage,
  OneAlert,
  PostAlert,
  PostPress,
  Pressed,
  SeenBody,
  TwintuitionStats,
} from "../../schema/wire/twintuition.ts";
import { Answer, nothing, type Route, route } from "../route.ts";
import { keysOf } from "./messages.ts";
import { whosePair } from "./whose-pair.ts";

export interface TwintuitionRoutesDeps {
  readonly door: PairDoor;
  readonly pairing: Pick<Pairing, "activePair" | "isMember">;
  readonly chance: Pick<Chance, "newId">;
  readonly clock: Clock;
  readonly twintuition: Omit<TwintuitionReader, "syncScore" | "sweep">;
}

/** Twintuition without a socket: the same room, the same rules, the same keys. */
export function twintuitionRoutes(deps: TwintuitionRoutesDeps): readonly Route[] {
  return [...sendingRoutes(deps), ...listRoutes(deps)];
}

function sendingRoutes({ door, pairing, twintuition, ...deps }: TwintuitionRoutesDeps): readonly Route[] {
  const { twinOf, activeTwinOf } = whosePair(pairing);
  const keyOf = keysOf(deps);
  return [
    route(
      {
        method: "post",
        path: "/twintuition/alerts",
        summary: "Tell the twin that one thinks of them; 200 when it was told before",
        asks: z.object({ body: PostAlert }),
        reply: AlertSent.extend({ alert: AlertView }),
        status: 201,
        repeats: "command",
      },
      async ({ caller, body: { key, pairId, ...said }, idempotencyKey }) => {
        const twin = await activeTwinOf(caller.userId, pairId);
        const payload = { ...said, key: keyOf({ key }, idempotencyKey) };
        const { id, duplicate } = await door.execute(twin, "twintuition.alert", payload);
        const [sent, alert] = await Promise.all([
          twintuition.alerted(twin.pairId, id),
          twintuition.alert(twin.pairId, id),
        ]);
        return new Answer({ ...sent, alert }, { status: duplicate ? 200 : 201 });
      },
    ),
    route(
      {
        method: "post",
        path: "/twintuition/press",
        summary: "I feel my twin now; 200 when it was said before",
        asks: z.object({ body: PostPress }),
        reply: Pressed,
        status: 201,
        repeats: "command",
      },
      async ({ caller, body: { key, pairId, ...said }, idempotencyKey }) => {
        const twin = await activeTwinOf(caller.userId, pairId);
        const payload = { ...said, key: keyOf({ key }, idempotencyKey) };
        const { id, duplicate } = await door.execute(twin, "twintuition.press", payload);
        return new Answer(await twintuition.pressed(twin.pairId, id), { status: duplicate ? 200 : 201 });
      },
    ),
    route(
      {
        method: "post",
        path: "/twintuition/alerts/:id/seen",
        summary: "Mark an alert as seen",
        asks: z.object({ params: OneAlert, body: SeenBody }),
        reply: nothing,
        repeats: "command",
      },
      async ({ caller, params, body }) => {
        await twintuition.see(await twinOf(caller.userId, body.pairId), params.id);
        return {};
      },
    ),
  ];
}

function listRoutes({ pairing, twintuition }: TwintuitionRoutesDeps): readonly Route[] {
  const { twinOf } = whosePair(pairing);
  const query = Listed.extend(OfPair.shape);
  return [
    route(
      {
        method: "get",
        path: "/twintuition/alerts",
        summary: "Alerts of both, the newest first, and how many are unseen",
        asks: z.object({ query }),
        reply: AlertsPage,
      },
      async ({ caller, query }) => twintuition.alerts(await twinOf(caller.userId, query.pairId), query),
    ),
    route(
      {
        method: "get",
        path: "/twintuition/moments",
        summary: "Moments, the newest first",
        asks: z.object({ query }),
        reply: MomentsPage,
      },
      async ({ caller, query }) => twintuition.moments(await twinOf(caller.userId, query.pairId), query),
    ),
    route(
      {
        method: "get",
        path: "/twintuition/stats",
        summary: "What the moments come to, and what chance alone would have made",
        asks: z.object({ query: OfPair }),
        reply: TwintuitionStats,
      },
      async ({ caller, query }) => twintuition.stats(await twinOf(caller.userId, query.pairId)),
    ),
  ];
}

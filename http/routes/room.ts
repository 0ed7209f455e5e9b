import { type Request, type RequestHandler, Router } from "express";
import { z } from "zod";
import type { Limits } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { STATUS } from "../../schema/wire/errors.ts";
import { type Report, refusalOf, sayWhen } from "../errors.ts";
import { openRoute, type Route } from "../route.ts";

/** Seats in rooms, wherever those are. */
export interface SeatGiver {
  /** For `client.consumeSeatReservation`. Throws Refusal. */
  reserve(accessToken: string | undefined, roomName: string, options: unknown): Promise<object>;
}

const SeatRequest = z.looseObject({ room: z.enum(["pair", "waiting"]).default("pair") });

/** As the SDK reads it; it has fields of its own that are none of ours. */
const Reservation = z.looseObject({
  name: z.string(),
  sessionId: z.string(),
  roomId: z.string(),
  processId: z.string(),
});

/** A seat for who would rather ask here: it works behind any load balancer, and is refused in the envelope. */
export function seatRoutes(seats: SeatGiver): readonly Route[] {
  return [
    openRoute(
      "none",
      {
        method: "post",
        path: "/room/seat",
        summary: "A seat in the pair's room, or in a waiting room",
        asks: z.object({ body: SeatRequest }),
        reply: Reservation,
        repeats: "none",
      },
      async ({ body: { room, ...options }, accessToken }) =>
        Reservation.parse(await seats.reserve(accessToken, room, options)),
    ),
  ];
}

export interface MatchmakeDeps {
  readonly seats: SeatGiver;
  readonly limits: Pick<Limits, "take">;
  readonly ipOf: (request: Request) => string;
  readonly accessTokenOf: (request: Request) => string | undefined;
  readonly report: Report;
}

/**
 * The stock SDK's `joinOrCreate`; every other way into a room is closed. Refusals are 4xx or 503, which edges leave
 * alone, in the form in which the SDK reads them: the code word stands first.
 */
export function matchmakeRoutes({ seats, limits, ipOf, accessTokenOf, report }: MatchmakeDeps): Router {
  const answered =
    (work: (request: Request) => Promise<object>): RequestHandler =>
    async (request, response) => {
      try {
        await limits.take("requests.ip", ipOf(request));
        response.json(await work(request));
      } catch (error) {
        const refusal = refusalOf(error, report);
        const status = STATUS[refusal.code];
        sayWhen(response, refusal);
        response.status(status).json({ code: status, error: `${refusal.code}: ${refusal.message}` });
      }
    };
  const closed = answered(async () => {
    throw new Refusal("NOT_FOUND", "There is no such room");
  });
  return Router()
    .post(
      "/joinOrCreate/:room",
      answered((request) => seats.reserve(accessTokenOf(request), String(request.params["room"]), request.body)),
    )
    .use(closed);
}
